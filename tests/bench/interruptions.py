"""What stops an open session, and how soon it goes on, at 40 ms there and back: the network comes back after a sleep, a
gateway dies under an open TCP connection. In network namespaces, with the daemon as its unit runs it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from flexnetd.tunnel.watch import NetworkWatch, RouteChanged
from tests.bed.await_ import until
from tests.bed.faults.stopped import standing_still
from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.bed.world.homes import two_gateways_plan
from tests.bed.world.operator_plan import GATEWAY2_NAME, GATEWAY_NAME, PAGES, TUNNEL_NET
from tests.bed.world.process import PYTHON
from tests.bench.measure import Measure
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person
from tests.integration.networks.talk import Talk, start_echo

COMMAND = "python -m tests.bench interruptions"
TURNS = 7
ONE_WAY_MS = 20
ROUND_TRIP_MS = 2 * ONE_WAY_MS
FIRST_ANSWER_MS = 2 * ROUND_TRIP_MS + 100.0
WITHIN_S = 20.0
AGREED_NO_MORE = "wg showconf flexnet0 >/run/agreed && wg setconf flexnet0 /run/agreed && rm /run/agreed"
"""What WireGuard does with its keys when they are three minutes old: the peer made anew has none."""
GATEWAY_PORT = 51820
NAMES = {"gateway": GATEWAY_NAME, "gateway2": GATEWAY2_NAME}
NUMBERS = {"gateway": 1, "gateway2": 2}
_ALL, _OUTGOING, _UDP, _ICMP, _INITIATION, _ECHO_REPLY = 0x0003, 4, 17, 1, 1, 0


def measures() -> list[Measure]:
    with member_at_a_workstation(two_gateways_plan(delay_ms=ONE_WAY_MS), gateways=tuple(NAMES)) as member:
        start_echo(member)
        member.laptop.daemon.start()
        with Person(member.laptop, ALICE) as alice:
            assert member.sign_in(alice) == ""
            alone = [_woken(member, alice, waited_for=False).handshake_ms for _ in range(TURNS)]
            waited_for = [_woken(member, alice, waited_for=True) for _ in range(TURNS)]
            standstills = [_standstill_s(member, alice) for _ in range(TURNS)]
        member.laptop.daemon.stop()
    sent, answered = [one.handshake_ms for one in waited_for], [one.answer_ms for one in waited_for]
    return [
        Measure("usable route after a sleep to handshake sent", "ms", tuple(sent), COMMAND, 50.0),
        Measure("the same when nobody sends", "ms", tuple(alone), COMMAND, 50.0),
        Measure("usable route after a sleep to the first answer", "ms", tuple(answered), COMMAND, FIRST_ANSWER_MS),
        Measure("a gateway dies: an open TCP connection stands still", "s", tuple(standstills), COMMAND, 4.0),
    ]


class Moments:
    """When the laptop's default route came back, a handshake left next, and an answer to a ping came next."""

    def __init__(self, member: Member) -> None:
        laptop = member.world["laptop"]
        self._routes = laptop.within(NetworkWatch)
        self._tap = laptop.within(socket.socket, socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL))
        self._tap.settimeout(0.001)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.route = self.handshake = self.answer = 0.0

    def __enter__(self) -> Moments:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()
        self._routes.close()
        self._tap.close()

    @property
    def handshake_ms(self) -> float:
        return (self.handshake - self.route) * 1000

    @property
    def answer_ms(self) -> float:
        return (self.answer - self.route) * 1000

    def _watch(self) -> None:
        while not self._ends.is_set():
            came = [e for e in self._routes.events() if isinstance(e, RouteChanged) and not e.gone]
            if not self.route and any(e.route.prefix.prefixlen == 0 and e.route.gateway for e in came):
                self.route = time.monotonic()
            try:
                packet, (interface, _, kind, *_) = self._tap.recvfrom(2048)
            except TimeoutError:
                continue
            if self.route:
                self._note(packet, interface, outgoing=kind == _OUTGOING)

    def _note(self, packet: bytes, interface: str, *, outgoing: bool) -> None:
        if interface == "eth0" and outgoing and _is_initiation(packet):
            self.handshake = self.handshake or time.monotonic()
        if interface == "flexnet0" and not outgoing and _is_echo_reply(packet):
            self.answer = self.answer or time.monotonic()


def _is_initiation(packet: bytes) -> bool:
    """WireGuard's first message, in IPv4 or IPv6, to the gateways' port."""
    start, protocol = (40, packet[6]) if packet[0] >> 4 == 6 else ((packet[0] & 15) * 4, packet[9])
    port = int.from_bytes(packet[start + 2 : start + 4], "big")
    return protocol == _UDP and port == GATEWAY_PORT and packet[start + 8] == _INITIATION


def _is_echo_reply(packet: bytes) -> bool:
    return packet[0] >> 4 == 4 and packet[9] == _ICMP and packet[(packet[0] & 15) * 4] == _ECHO_REPLY


def _woken(member: Member, alice: Person, *, waited_for: bool) -> Moments:
    """The laptop wakes after more than three minutes, and a while later its network comes. `waited_for`: alice's
    programs send all the time since it woke, so WireGuard has begun a handshake in vain."""
    member.laptop.logind.sleep()
    with standing_still(member.laptop.daemon.program):
        member.world.unplug("laptop")
        member.world["router"].run(["conntrack", "-F"])
        member.world["laptop"].run(["sh", "-ec", AGREED_NO_MORE])
    member.laptop.logind.wake()
    with _pinging(member) if waited_for else nullcontext():
        alice.await_state(PROFILE, "waiting", within_s=WITHIN_S)
        with Moments(member) as moments:
            member.world.plug("laptop")
            until(lambda: moments.handshake and (moments.answer or not waited_for), WITHIN_S, "the moments")
    alice.await_state(PROFILE, "online", within_s=WITHIN_S)
    assert moments.route
    return moments


@contextmanager
def _pinging(member: Member) -> Iterator[None]:
    command = [PYTHON, "-m", "tests.bench.sender", PAGES]
    pings = member.laptop.popen_as(ALICE, command)
    assert pings.stdout is not None
    assert pings.stdout.readline() == b"sending\n"
    yield
    pings.kill()
    pings.wait(5)


def _standstill_s(member: Member, alice: Person) -> float:
    """The gateway in use dies; afterwards it lives again, and the other one is in use."""
    dies = next(host for host, name in NAMES.items() if name == _in_use(member, alice))
    other = next(host for host in NAMES if host != dies)
    talk = Talk(member)
    member.world.unplug(dies)
    for host in ("pages", "resolver"):
        member.world[host].run(["ip", "route", "replace", TUNNEL_NET, "via", f"10.88.0.{NUMBERS[other]}"])
    until(lambda: _in_use(member, alice) == NAMES[other], WITHIN_S, "the other gateway")
    alice.await_state(PROFILE, "online", within_s=WITHIN_S)
    standstill_s = talk.standstill_ms() / 1000
    member.world.plug(dies)
    return standstill_s


def _in_use(member: Member, alice: Person) -> str:
    return str(member.details(alice)["gateway"]).partition(":")[0]

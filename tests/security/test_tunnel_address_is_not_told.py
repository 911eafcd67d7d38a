"""Mullvad CR-24-03 and CVE-2019-14899: a neighbour finds out the tunnel's address, or whether a connection goes through
it, by asking for it with ARP and by packets that claim to come from behind it. Here neither gets an answer, and the
workstation itself does not tell the address outside."""

from __future__ import annotations

import socket
import struct

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.world.operator_plan import LAPTOP, NEIGHBOUR, PAGES, ROUTER, SESSION_POOL
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.integration.tunnel.calls import arp_answers
from tests.security.guarded import as_root
from tests.security.sending import send
from tests.security.wire_tap import Sent, WireTap

pytestmark = pytest.mark.world

PROBES = (
    ("icmp", b"\x08\0\xf7\xfd\0\1\0\1"),
    ("udp", struct.pack("!HHHH", 40000, 40999, 8, 0)),
    ("tcp-syn", struct.pack("!HHIIBBHHH", 80, 22, 1, 0, 0x50, 0x02, 1024, 0, 0)),
    ("tcp-syn-ack", struct.pack("!HHIIBBHHH", 80, 22, 1, 1, 0x50, 0x12, 1024, 0, 0)),
    ("tcp-rst", struct.pack("!HHIIBBHHH", 80, 22, 1, 1, 0x50, 0x04, 1024, 0, 0)),
)
CHECK_PORT = 80
EPHEMERAL = 32768
NUMBERS = {"icmp": socket.IPPROTO_ICMP, "udp": socket.IPPROTO_UDP, "tcp": socket.IPPROTO_TCP}


@pytest.fixture
def address(member: Member, online: Person) -> str:
    """The tunnel's, without its length. The neighbour would reach it by way of the workstation."""
    told = member.details(online)["addresses"]
    assert isinstance(told, list)
    own = str(told[0]).partition("/")[0]
    member.world["neighbour"].run(["ip", "route", "replace", SESSION_POOL, "via", LAPTOP])
    return own


def probed(target: str, source: str) -> None:
    """On the neighbour: every kind of probe, with a source of its choice (a spoofed one when it is not its own)."""
    for name, payload in PROBES:
        number = NUMBERS[name.partition("-")[0]]
        body = payload if number == socket.IPPROTO_ICMP else _summed(payload, number, source, target)
        header = struct.pack(
            "!BBHHHBBH4s4s",
            0x45,
            0,
            20 + len(body),
            1,
            0,
            64,
            number,
            0,
            socket.inet_aton(source),
            socket.inet_aton(target),
        )
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.sendto(header + body, (target, 0))


def _summed(segment: bytes, number: int, source: str, target: str) -> bytes:
    """With its checksum, or the kernel would throw it away before anybody could answer."""
    at = 16 if number == socket.IPPROTO_TCP else 6
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!HH", number, len(segment))
    total = sum(struct.unpack(f"!{len(pseudo + segment) // 2}H", pseudo + segment))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return segment[:at] + struct.pack("!H", ~total & 0xFFFF) + segment[at + 2 :]


def answers(member: Member, tap: WireTap, target: str, source: str) -> set[str]:
    """By which interfaces the workstation said anything to `source` after all probes. The last probe is one to its
    ordinary address, whose answer tells that the earlier ones were judged."""
    neighbour = member.world["neighbour"]
    neighbour.call(probed, target, source)
    neighbour.run(["ping", "-c1", "-W5", LAPTOP])
    ordinary = (LAPTOP, NEIGHBOUR)
    told = [one for one in tap.sent() if str(one.target) == source and (str(one.source), source) != ordinary]
    return {one.interface for one in told if not asks_the_check(one)}


def asks_the_check(one: Sent) -> bool:
    """The daemon's own connection to the operator's check, which is on the same host: no probe came to its port."""
    if len(one.payload) < 4:
        return False
    ports: tuple[int, int] = struct.unpack_from("!HH", one.payload)
    return ports[1] == CHECK_PORT and ports[0] >= EPHEMERAL


def without_the_guard(member: Member) -> None:
    """With nobody there to load it again."""
    member.laptop.daemon.kill()
    as_root(member, "nft flush ruleset")


def test_arp_for_it_is_not_answered(member: Member, address: str) -> None:
    def claimed() -> list[str]:
        return member.world["neighbour"].within(arp_answers, NEIGHBOUR, [address, LAPTOP])

    assert claimed() == [LAPTOP]
    without_the_guard(member)
    assert claimed() == [address, LAPTOP]  # so it was the guard
    member.laptop.daemon.start()


def test_a_probe_from_the_lan_gets_no_answer(member: Member, address: str) -> None:
    with WireTap(member.laptop.host, [NEIGHBOUR]) as tap:
        assert answers(member, tap, address, NEIGHBOUR) == set()
        without_the_guard(member)
        assert answers(member, tap, address, NEIGHBOUR) == {"eth0"}
    member.laptop.daemon.start()


def test_a_packet_that_claims_to_come_from_behind_it_gets_no_answer(member: Member, address: str) -> None:
    """Its answer would go into the tunnel, encrypted; its size and time tell the neighbour all the same."""
    as_root(member, "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0")
    with WireTap(member.laptop.host, [PAGES]) as tap:
        for target in (address, LAPTOP):
            assert answers(member, tap, target, PAGES) == set()
        without_the_guard(member)
        assert answers(member, tap, address, PAGES) == {"flexnet0"}
    member.laptop.daemon.start()


def test_the_workstation_does_not_tell_it(member: Member, address: str) -> None:
    """Not by a program that chose it as its source, nor by the ARP request before."""
    with WireTap(member.laptop.host, [address]) as tap:
        for target in (NEIGHBOUR, ROUTER, "192.168.178.77"):
            member.laptop.host.call(send, target, 3, address, identity=ALICE.identity)
        assert tap.leaked() == []
        without_the_guard(member)
        member.laptop.host.call(send, "192.168.178.78", 3, address, identity=ALICE.identity)
        assert tap.leaked() != []
    member.laptop.daemon.start()

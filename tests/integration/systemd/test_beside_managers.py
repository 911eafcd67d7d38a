"""Other managers of the network on a booted Debian, the real ones: systemd-networkd with the LAN in its hands,
firewalld and ufw. They start, reload and restart beside a session. It stays, its page opens for its owner alone, and
nothing for the closed network leaves in the clear."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.image import TOOLS
from tests.bed.nspawn.workstation import Workstation, workstation
from tests.bed.operator.operator import Operator
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import INTRANET, KONNEKTOR, LAPTOP, PAGES, ROUTER, TI_NET, operator_plan
from tests.bed.world.world import World
from tests.integration.systemd.test_session import PASSWORD, leftovers, page, state
from tests.security.wire_tap import WireTap

pytestmark = pytest.mark.nspawn

LAN = f"""
[Match]
Name=eth0
[Network]
Address={LAPTOP}/24
Address=2001:db8:0:1::20/64
Gateway={ROUTER}
Gateway=2001:db8:0:1::1
IPv6AcceptRA=no
LinkLocalAddressing=no
[Route]
Destination={TI_NET}
Gateway={KONNEKTOR}
Metric=99
"""
PROTOCOLS = "".join(
    f"{name} {number}\n"
    for name, number in (
        ("icmp", 1),
        ("igmp", 2),
        ("tcp", 6),
        ("udp", 17),
        ("gre", 47),
        ("esp", 50),
        ("ah", 51),
        ("ipv6-icmp", 58),
        ("ospf", 89),
        ("pim", 103),
        ("vrrp", 112),
        ("sctp", 132),
    )
)
"""What firewalld's own services name, from the file of Debian's netbase."""
SENDERS = ("alice", "bob")
SENDING = f"""
import socket, time
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        sender.sendto(b"secret", ("{PAGES}", 40999))
    except OSError:
        pass
    time.sleep(0.002)
"""


@dataclass(frozen=True, slots=True)
class Beside:
    place: Workstation
    tap: WireTap

    def run(self, *command: str) -> str:
        return self.place.machine.run(command).stdout

    def stands(self) -> None:
        """The session is online, for its owner alone."""
        until(lambda: state(self.place) == "online" and page(self.place, "alice") == PAGE_TEXT, 20, "the page")
        assert page(self.place, "bob") == ""
        assert self.tap.leaked() == []


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def booted_world(request: pytest.FixtureRequest) -> Iterator[tuple[Workstation, World]]:
    with (
        World(operator_plan()) as world,
        Operator(world) as operator,
        workstation(request.param, world, operator, packages=TOOLS) as place,
    ):
        secret = secrets.token_bytes(20)
        place.key.program_hmac(2, secret)
        operator.add_member("anna", PASSWORD, hmac_secret=secret)
        yield place, world


@pytest.fixture
def beside(booted_world: tuple[Workstation, World]) -> Iterator[Beside]:
    """Alice is signed in; she and bob send to the closed network all the time."""
    place, world = booted_world
    with place.machine.logged_in("alice"), WireTap(world["laptop"], [INTRANET]) as tap:
        place.key.auto_touch(0.05)
        place.machine.run_as("alice", ["flexnet", "sign-in"], given=f"anna\n{PASSWORD}\n")
        for user in SENDERS:
            sender = ["systemd-run", "--quiet", f"--unit=sender-{user}", f"--uid={user}"]
            place.machine.run([*sender, "python3", "-c", SENDING])
        until(lambda: any(one.interface == "flexnet0" for one in tap.sent()), what="packets into the tunnel")
        yield Beside(place, tap)
        place.machine.run(["systemctl", "stop", *(f"sender-{user}.service" for user in SENDERS)])
    until(lambda: state(place) == "signed-out", 10, "the session to end with the person's logout")
    assert leftovers(place) == []


def unmasked(beside: Beside, *units: str) -> None:
    beside.run("sh", "-c", f"cd /etc/systemd/system && rm -f {' '.join(units)} && systemctl daemon-reload")


def test_networkd_has_the_lan(beside: Beside) -> None:
    """It removes what others route and rule by way of its links, and unreachable routes anywhere."""
    beside.place.machine.write("/etc/systemd/network/10-lan.network", LAN)
    unmasked(beside, "systemd-networkd.service", "systemd-networkd.socket")
    # networkd 252 sets an address that it finds half as it wants it over and over, and in that storm of events a
    # user-space WireGuard ends itself: so it finds none.
    beside.run("ip", "address", "flush", "dev", "eth0")
    try:
        beside.run("systemctl", "start", "systemd-networkd")
        until(lambda: "routable (configured)" in beside.run("networkctl", "status", "eth0"), 20, "networkd to be ready")
        assert "unmanaged" in beside.run("networkctl", "list", "--no-legend", "flexnet0")
        beside.stands()
        beside.run("networkctl", "reload")
        beside.stands()
        beside.run("systemctl", "restart", "systemd-networkd")
        beside.stands()
        until(
            lambda: beside.run("ip", "route", "show", "type", "unreachable", "proto", "177"), 10, "the refusing route"
        )
    finally:
        beside.run("systemctl", "stop", "systemd-networkd.socket", "systemd-networkd.service")


def test_ufw_is_enabled_reloaded_and_disabled(beside: Beside) -> None:
    for command in ("enable", "reload", "reset", "enable", "disable"):
        beside.run("ufw", "--force", command)
        beside.stands()
    assert "table inet flexnetd" in beside.run("nft", "list", "tables")


def test_firewalld_starts_reloads_and_stops(beside: Beside) -> None:
    unmasked(beside, "firewalld.service")
    beside.place.machine.write("/etc/protocols", PROTOCOLS)
    beside.run("systemctl", "start", "firewalld")
    # It is told to be active before its rules are there.
    until(lambda: "filter_IN_public" in beside.run("nft", "list", "ruleset"), 20, "firewalld's rules")
    beside.stands()
    for reload in ("--reload", "--complete-reload"):
        beside.run("firewall-cmd", reload)
        beside.stands()
    beside.run("systemctl", "stop", "firewalld")
    beside.stands()
    assert "table inet flexnetd" in beside.run("nft", "list", "tables")


def test_a_unit_that_takes_the_guard_away_again_and_again_is_named(beside: Beside) -> None:
    """Our own unit sees no other process; the kernel tells who it is. Inside of this container the number might be that
    of another program, so no unit is told."""
    flushing = "while sleep 0.2; do nft flush ruleset; done"
    beside.run("systemd-run", "--quiet", "--unit=rival", "sh", "-c", flushing)
    try:
        until(lambda: state(beside.place) == "conflict", 20, "the conflict being told")
        told = beside.place.status("bob")["profiles"]
        assert isinstance(told, list)
        facts = told[0]["reason"]["facts"]
        assert facts["ours"] == "guard of flexnet0"
        assert re.fullmatch(r"nft \(process \d+\)", facts["theirs"])
        assert page(beside.place, "bob") == ""
        assert beside.tap.leaked() == []
    finally:
        beside.run("systemctl", "stop", "rival.service")

"""What lies between workstation and gateway changes under a session: the NAT's port, the gateway's address, what the
names say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.bed.await_ import until
from tests.bed.operator.gateway import INTERFACE
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT, await_ready, start_names
from tests.bed.world.operator_plan import (
    GATEWAY,
    GATEWAY2_NAME,
    GATEWAY_NAME,
    PORTAL,
    PORTAL_NAME,
    PUBLIC_NAMES,
    PUBLIC_RESOLVER,
    PUBLIC_WEB,
)
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person
from tests.integration.networks.talk import Talk, start_echo

pytestmark = pytest.mark.world

MOVED = "198.51.100.77"
IPV4_ALONE = {PORTAL_NAME: (PORTAL,), GATEWAY_NAME: (GATEWAY,), GATEWAY2_NAME: (GATEWAY,)}


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        start_echo(member)
        yield member


@pytest.fixture(autouse=True)
def names_again(place: Member) -> Iterator[None]:
    say(place, IPV4_ALONE)
    yield
    say(place, PUBLIC_NAMES)


def say(place: Member, names: Mapping[str, Sequence[str]]) -> None:
    """From now on the Internet's names are these."""
    running = place.operator.servers["public-names"]
    if running.running:
        running.stop()
    place.operator.servers["public-names"] = await_ready(start_names(place.world["web"], PUBLIC_RESOLVER, names))
    place.laptop.bus.call(
        "org.freedesktop.resolve1", "/org/freedesktop/resolve1", "org.freedesktop.resolve1.Manager", "FlushCaches"
    )


def move_gateway(member: Member, before: str, after: str) -> None:
    changes = (
        f"addr del {before}/24 dev eth0",
        f"addr add {after}/24 dev eth0",
        "route replace default via 198.51.100.1",
    )
    member.operator.gateway.host.run(["ip", "-batch", "-"], stdin="\n".join(changes))


def peers_endpoint(member: Member) -> str:
    """Where the gateway sends to."""
    return member.operator.gateway.host.run(["wg", "show", INTERFACE, "endpoints"]).stdout.split()[1]


def own_endpoint(member: Member) -> str:
    """ "" while there is no peer."""
    return member.laptop.host.run(["wg", "show", "flexnet0", "endpoints"]).stdout.partition("\t")[2].strip()


def test_a_nat_that_forgets_and_takes_another_port_costs_nothing(member: Member, online: Person) -> None:
    before, told = peers_endpoint(member), len(online.states_told(PROFILE))
    talk = Talk(member)
    router = member.world["router"]
    router.run(["nft", "flush", "chain", "ip", "nat", "postrouting"])
    router.run(["nft", "add", "rule", "ip", "nat", "postrouting", "oifname", "wan", "masquerade", "fully-random"])
    router.run(["conntrack", "-F"])
    until(lambda: peers_endpoint(member) != before, 15, "another port")
    assert talk.standstill_ms() < 8000
    assert member.page() == PAGE_TEXT
    assert online.states_told(PROFILE)[told:] == []


def test_a_gateway_that_moved_is_found_by_its_name(member: Member, online: Person) -> None:
    talk = Talk(member)
    move_gateway(member, GATEWAY, MOVED)
    try:
        say(member, {**IPV4_ALONE, GATEWAY_NAME: (MOVED,)})
        until(lambda: own_endpoint(member) == f"{MOVED}:51820", 30, "the new address")
        online.await_state(PROFILE, "online")
        assert talk.standstill_ms() < 30_000
        assert member.page() == PAGE_TEXT
    finally:
        move_gateway(member, MOVED, GATEWAY)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({**IPV4_ALONE, PORTAL_NAME: (PUBLIC_WEB,)}, "FN-109"),
        ({**IPV4_ALONE, PORTAL_NAME: ("127.0.0.1",)}, "FN-101"),
        ({GATEWAY_NAME: (GATEWAY,)}, "FN-111"),
        ({PORTAL_NAME: (PORTAL,)}, "FN-111"),
        ({**IPV4_ALONE, GATEWAY_NAME: ("10.88.0.80",)}, "FN-408"),
        ({**IPV4_ALONE, GATEWAY_NAME: (PUBLIC_WEB,)}, "FN-501"),
    ],
    ids=[
        "portal is somebody else",
        "portal is this computer",
        "no such portal",
        "no such gateway",
        "gateway is behind the tunnel",
        "gateway is somebody else",
    ],
)
def test_names_that_lie_are_named_and_leave_nothing(
    member: Member, alice: Person, names: Mapping[str, Sequence[str]], code: str
) -> None:
    say(member, names)
    assert member.sign_in(alice, within_s=40) == code
    assert alice.state(PROFILE) == "signed-out"
    assert member.laptop.leftovers() == []
    assert member.operator.gateway.peers() == set()

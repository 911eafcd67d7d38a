"""TunnelVision and TunnelCrack: the network's DHCP server gives routes that are more specific than the tunnel's, and
what should be in it goes to the attacker. Whatever foreign route there is, what is for the closed network goes into the
tunnel or nowhere; a route that takes something away is told by name."""

from __future__ import annotations

import pytest

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import INTRANET, INTRANET_RESOLVER, NEIGHBOUR, PAGES
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.integration.tunnel import calls
from tests.security.guarded import REFUSED, as_root, sent_by
from tests.security.wire_tap import WireTap

pytestmark = pytest.mark.world

ROGUE = {
    "a-host": (f"{PAGES}/32 via {NEIGHBOUR}",),
    "two-halves": (f"10.88.0.0/17 via {NEIGHBOUR}", f"10.88.128.0/17 via {NEIGHBOUR}"),
    "on-link": ("10.88.0.0/24 dev eth0",),
    "the-same-preferred": (f"{INTRANET} via {NEIGHBOUR} metric 1",),
    "the-resolver": (f"{INTRANET_RESOLVER}/32 via {NEIGHBOUR}", f"{PAGES}/32 via {NEIGHBOUR}"),
}


def added(member: Member, routes: tuple[str, ...]) -> None:
    as_root(member, *(f"ip route add {route}" for route in routes))


def removed(member: Member, routes: tuple[str, ...]) -> None:
    as_root(member, *(f"ip route del {route}" for route in routes))


@pytest.mark.parametrize("name", ROGUE)
def test_it_diverts_nothing_and_is_told(member: Member, online: Person, tap: WireTap, name: str) -> None:
    tap.sent()
    added(member, ROGUE[name])
    try:
        for who in (ALICE, BOB):
            assert set(sent_by(member, who)) <= REFUSED
        until(lambda: online.state(PROFILE) == "conflict", 10, "the conflict being told")
        assert online.reason(PROFILE) == "FN-502"
        for who in (ALICE, BOB):
            assert set(sent_by(member, who)) <= REFUSED
        assert tap.leaked() == []
        link = member.laptop.index_of("flexnet0")
        assert member.laptop.host.call(calls.names, link) is None  # nothing is asked where nothing answers
    finally:
        removed(member, ROGUE[name])


def test_without_the_guard_it_would_divert(member: Member, online: Person, tap: WireTap) -> None:
    """Else the test above would prove nothing."""
    member.laptop.daemon.kill()
    as_root(member, "nft flush ruleset")
    added(member, ROGUE["a-host"])
    sent_by(member, ALICE)
    assert {one.interface for one in tap.leaked()} == {"eth0"}
    removed(member, ROGUE["a-host"])
    member.laptop.daemon.start()


def test_a_table_of_its_own_diverts_nothing_and_is_told(member: Member, online: Person, tap: WireTap) -> None:
    """By a policy rule, as other VPNs have; no route in the main table tells of it."""
    as_root(
        member,
        f"ip route add {INTRANET} via {NEIGHBOUR} table 1000",
        f"ip rule add to {INTRANET} lookup 1000 priority 100",
    )
    try:
        tap.sent()
        for who in (ALICE, BOB):
            assert set(sent_by(member, who)) <= REFUSED
        until(lambda: online.state(PROFILE) == "conflict", 10, "the conflict being told")
        assert online.reason(PROFILE) == "FN-502"
        for who in (ALICE, BOB):
            assert set(sent_by(member, who)) <= REFUSED
        assert tap.leaked() == []
    finally:
        as_root(member, "ip rule del priority 100", "ip route flush table 1000")
    until(lambda: member.page() == PAGE_TEXT, 10, "the page")


def test_beside_one_nobody_is_signed_in(member: Member, anna: Person) -> None:
    """The person is told what is wrong, and nothing is half-made."""
    added(member, ROGUE["a-host"])
    try:
        assert member.sign_in(anna) == "FN-502"
        assert member.laptop.leftovers() == []
    finally:
        removed(member, ROGUE["a-host"])

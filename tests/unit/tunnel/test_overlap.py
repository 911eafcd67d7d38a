"""One test for each row of the table: how a route of somebody else's lies to ours, and who has to give way."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from flexnetd.netlink.links import Link
from flexnetd.netlink.routes import Route, RouteKind
from flexnetd.tunnel import overlap
from flexnetd.tunnel.overlap import Decision, Nature, Overlap, Relation, overlaps

OURS = ip_network("10.88.0.0/16")
LAN = Link(2, "eth0", "", "", 1500, True)
VIRTUAL = Link(4, "docker0", "bridge", "", 1500, True)
VPN = Link(3, "tun0", "tun", "", 1500, True, point_to_point=True)
KONNEKTOR = ip_address("192.168.178.2")


OWN = Link(7, "flexnet0", "wireguard", "flexnetd", 1420, True, point_to_point=True)


def route(prefix: str, **changed: Any) -> Route:
    wanted: dict[str, Any] = {
        "prefix": ip_network(prefix),
        "kind": RouteKind.UNICAST,
        "index": LAN.index,
        "gateway": None,
        "metric": 0,
        "protocol": 3,
    }
    return Route(**(wanted | changed))


def against(theirs: Route) -> Overlap | None:
    found = overlaps((OURS,), (theirs,), (LAN, VPN, VIRTUAL, OWN))
    return found[0] if found else None


def decision(theirs: Route) -> Decision | None:
    met = against(theirs)
    return met.decision if met else None


INSIDE, SAME, AROUND = "10.88.7.0/24", "10.88.0.0/16", "10.0.0.0/8"
ROWS = {
    (Relation.LONGER, Nature.ON_LINK): (route(INSIDE), Decision.CONFLICT),
    (Relation.LONGER, Nature.ONWARD): (route(INSIDE, gateway=KONNEKTOR), Decision.CONFLICT),
    (Relation.LONGER, Nature.REFUSING): (route(INSIDE, kind=RouteKind.BLACKHOLE, index=0), Decision.YIELD),
    (Relation.PREFERRED, Nature.ON_LINK): (route(SAME, metric=50), Decision.CONFLICT),
    (Relation.PREFERRED, Nature.ONWARD): (route(SAME, gateway=KONNEKTOR, metric=50), Decision.CONFLICT),
    (Relation.PREFERRED, Nature.REFUSING): (route(SAME, kind=RouteKind.UNREACHABLE, index=0), Decision.CONFLICT),
    (Relation.BEHIND, Nature.ON_LINK): (route(SAME, metric=100), Decision.CONFLICT),
    (Relation.BEHIND, Nature.ONWARD): (route(SAME, gateway=KONNEKTOR, metric=99), Decision.WIN),
    (Relation.BEHIND, Nature.REFUSING): (route(SAME, kind=RouteKind.PROHIBIT, index=0, metric=51), Decision.WIN),
    (Relation.SHORTER, Nature.ON_LINK): (route(AROUND), Decision.CONFLICT),
    (Relation.SHORTER, Nature.ONWARD): (route(AROUND, gateway=KONNEKTOR), Decision.WIN),
    (Relation.SHORTER, Nature.REFUSING): (route(AROUND, kind=RouteKind.PROHIBIT, index=0), Decision.WIN),
}


@pytest.mark.parametrize(("relation", "nature"), ROWS, ids=lambda word: str(word.value))
def test_row(relation: Relation, nature: Nature) -> None:
    theirs, decided = ROWS[relation, nature]
    assert decision(theirs) is decided


def test_every_row_of_the_table_is_tested() -> None:
    assert set(ROWS) == set(overlap.TABLE)
    assert {(r, n): decided for (r, n), (_, decided) in ROWS.items()} == dict(overlap.TABLE)


BESIDE = {
    "a Konnektor's, which the operator's prefix is part of": (route(AROUND, gateway=KONNEKTOR, metric=99), "win"),
    "a Konnektor's, the same as the operator's": (route(SAME, gateway=KONNEKTOR, metric=99), "win"),
    "a Konnektor's, which is part of the operator's prefix": (route(INSIDE, gateway=KONNEKTOR, metric=99), "conflict"),
    "DHCP's option 121, around": (route(AROUND, gateway=KONNEKTOR, metric=100, protocol=16), "win"),
    "DHCP's option 121, the same": (route(SAME, gateway=KONNEKTOR, metric=100, protocol=16), "win"),
    "DHCP's option 121, inside": (route(INSIDE, gateway=KONNEKTOR, metric=100, protocol=16), "conflict"),
    "the LAN": (route(SAME, metric=100, protocol=2), "conflict"),
    "a LAN that the operator's prefix is part of": (route(AROUND, metric=100, protocol=2), "conflict"),
    "containers": (route(INSIDE, index=VIRTUAL.index, protocol=2), "conflict"),
    "half of the Internet, by another VPN": (route("0.0.0.0/1", index=VPN.index), "win"),
    "a company's network, by another VPN": (route(AROUND, index=VPN.index), "win"),
    "the same, by another VPN": (route(SAME, index=VPN.index), "conflict"),
    "a lock-out by another VPN, around": (route(AROUND, kind=RouteKind.UNREACHABLE, index=0), "win"),
    "a part that an administrator locked": (route(INSIDE, kind=RouteKind.PROHIBIT, index=0), "yield"),
}


@pytest.mark.parametrize(("theirs", "decided"), BESIDE.values(), ids=BESIDE)
def test_beside(theirs: Route, decided: str) -> None:
    met = decision(theirs)
    assert met is not None
    assert met.value == decided


def test_another_vpn_around_ours_is_won_and_inside_ours_is_a_conflict() -> None:
    assert decision(route(AROUND, index=VPN.index)) is Decision.WIN
    assert decision(route(INSIDE, index=VPN.index)) is Decision.CONFLICT


def test_several_next_hops_lead_onward() -> None:
    assert decision(route(AROUND, index=0)) is Decision.WIN


def test_a_default_route_is_always_won() -> None:
    assert decision(route("0.0.0.0/0")) is Decision.WIN
    assert decision(route("0.0.0.0/0", gateway=KONNEKTOR)) is Decision.WIN


@pytest.mark.parametrize(
    "theirs",
    [
        route("10.89.0.0/16"),
        route("fd00:88::/48"),
        route(SAME, protocol=177),
        route("10.88.0.7/32", index=OWN.index, protocol=2),
        route(SAME, table=52),
        route(INSIDE, kind=RouteKind.LOCAL, table=255),
        route(INSIDE, kind=RouteKind.OTHER),
    ],
    ids=["beside", "other family", "ours", "on our link", "another table", "own address", "broadcast"],
)
def test_what_does_not_count(theirs: Route) -> None:
    assert against(theirs) is None


def test_the_konnektor_beside_us_is_none_of_our_business() -> None:
    beside = [
        route("100.102.0.0/15", gateway=KONNEKTOR, metric=99),
        route("188.144.0.0/15", gateway=KONNEKTOR, metric=99),
        route("192.168.178.0/24", protocol=2),
    ]
    assert overlaps((OURS,), beside, (LAN,)) == ()


def test_routes_are_told_as_a_person_knows_them() -> None:
    assert str(against(route(INSIDE))) == "10.88.0.0/16 against 10.88.7.0/24 dev eth0: conflict"
    assert str(against(route(AROUND, gateway=KONNEKTOR))) == (
        "10.88.0.0/16 against 10.0.0.0/8 via 192.168.178.2 dev eth0: win"
    )
    assert str(against(route(SAME, gateway=KONNEKTOR, metric=99))) == (
        "10.88.0.0/16 against 10.88.0.0/16 via 192.168.178.2 dev eth0 metric 99: win"
    )
    refusing = against(route(SAME, kind=RouteKind.BLACKHOLE, index=0))
    assert refusing is not None
    assert refusing.their_route == "blackhole 10.88.0.0/16"

"""Whatever is wanted and whatever is there: a plan is safe in its order, touches what is ours, and leads to its end."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.fault import Fault
from flexnetd.netlink.links import Link
from flexnetd.netlink.nftables import INET, Table
from flexnetd.netlink.routes import Route, RouteKind
from flexnetd.tunnel.changes import (
    AddAddress,
    AddRoute,
    Change,
    LoadGuard,
    RemoveAddress,
    RemoveGuard,
    RemoveLink,
    RemoveRoute,
    RevertNames,
    SetMtu,
    SetNames,
    SetPeer,
    SetUp,
)
from flexnetd.tunnel.guard_document import guard_of, tables_of
from flexnetd.tunnel.marks import METRIC
from flexnetd.tunnel.plan import plan, refusal, way
from flexnetd.tunnel.spec import TunnelSpec, Users
from flexnetd.tunnel.state import LinkNames, TunnelState
from flexnetd.wireguard.device import PeerState, key_digest
from tests.unit.tunnel.samples import GATEWAY_KEY, INDEX, OTHER_GATEWAY_KEY, PEER, applied, device, link, spec

four = st.sampled_from([ip_network(text) for text in ("10.88.0.0/16", "10.90.0.0/15", "192.168.7.0/24")])
six = st.sampled_from([ip_network(text) for text in ("fd00:88::/48", "fd00:99::/64")])
prefix_sets = st.lists(four | six, unique=True, max_size=4).map(tuple)
peers = st.builds(
    PeerState,
    st.sampled_from([GATEWAY_KEY, OTHER_GATEWAY_KEY, bytes([4]) * 32]),
    st.sampled_from([None, PEER.endpoint]),
    prefix_sets,
    keepalive_s=st.sampled_from([0, 25]),
    preshared_key_digest=st.sampled_from([b"", key_digest(PEER.preshared_key)]),
)
names = st.none() | st.builds(
    LinkNames,
    st.just((ip_address("10.88.0.53"),)),
    st.sampled_from([("intranet.example",), ("other.example",)]),
    st.booleans(),
)
specs = st.builds(
    spec,
    prefixes=prefix_sets,
    mtu=st.sampled_from([1280, 1400]),
    names=st.booleans(),
    addresses=st.sampled_from([(ip_interface("10.89.0.7/32"),), spec().addresses]),
    peer=st.sampled_from([PEER, replace(PEER, public_key=OTHER_GATEWAY_KEY, keepalive_s=25)]),
    users=st.sampled_from([Users(70001, 992, 993), Users(70001, None, None), Users(None, None, None)]),
)
links = st.builds(link, mtu=st.sampled_from([1280, 1400, 1420]), up=st.booleans())
foreign_links = st.sampled_from([link(alias="mine"), link(alias="", up=True), link(kind="bridge")])
our_routes = st.lists(
    st.builds(way, four | six, st.sampled_from([INDEX, 3]))
    | st.builds(refusal, four | six)
    | st.builds(Route, four, st.just(RouteKind.BLACKHOLE), st.just(0), st.none(), st.just(METRIC), st.just(177)),
    unique_by=lambda route: (route.prefix, route.metric),
).map(tuple)
states = st.builds(
    TunnelState,
    link=links,
    device=st.builds(
        lambda found: device(*found),
        st.lists(peers, unique_by=lambda peer: peer.public_key, max_size=3),
    ),
    addresses=st.sampled_from([(), spec().addresses, (ip_interface("10.99.0.1/24"),)]),
    routes=our_routes,
    guard=st.sampled_from([(), tables_of(guard_of(spec())), (Table(INET, "flexnetd", "", False, 0),)]),
    names=names,
    ipv6=st.booleans(),
)


@given(specs, states)
def test_planning_again_after_the_changes_gives_nothing(wanted: TunnelSpec, found: TunnelState) -> None:
    assert plan(wanted, applied(found, plan(wanted, found))) == ()


@given(states)
def test_nothing_is_left_after_the_way_down(found: TunnelState) -> None:
    assert applied(found, plan(None, found)) == TunnelState(ipv6=found.ipv6)


@given(specs, states, st.integers(min_value=0, max_value=30))
def test_from_wherever_the_way_up_stopped_it_can_go_on_or_down(
    wanted: TunnelSpec, found: TunnelState, steps: int
) -> None:
    stopped = applied(found, plan(wanted, found)[:steps])
    assert plan(wanted, applied(stopped, plan(wanted, stopped))) == ()
    assert applied(stopped, plan(None, stopped)) == TunnelState(ipv6=found.ipv6)


@given(specs, states)
def test_the_guard_stands_before_a_route_and_until_the_last_one_is_gone(wanted: TunnelSpec, found: TunnelState) -> None:
    state = found
    for change in plan(wanted, found):
        state = applied(state, (change,))
        assert state.guard == tables_of(guard_of(wanted))
    down = plan(None, state)
    assert [index for index, change in enumerate(down) if isinstance(change, RemoveGuard)] == [len(down) - 1]


UPWARDS: tuple[tuple[type[Change], ...], ...] = (
    (LoadGuard,),
    (SetMtu,),
    (SetPeer,),
    (RemoveAddress,),
    (AddAddress,),
    (SetUp,),
    (RemoveRoute,),
    (AddRoute,),
    (SetNames, RevertNames),
)
DOWNWARDS: tuple[tuple[type[Change], ...], ...] = ((RevertNames,), (RemoveRoute, RemoveLink), (RemoveGuard,))


def in_order(changes: tuple[Change, ...], order: tuple[tuple[type[Change], ...], ...]) -> bool:
    places = [next(place for place, kinds in enumerate(order) if isinstance(change, kinds)) for change in changes]
    return places == sorted(places)


@given(specs, states)
def test_the_guard_comes_before_routes_and_routes_before_names(wanted: TunnelSpec, found: TunnelState) -> None:
    up = plan(wanted, found)
    assert in_order(up, UPWARDS)
    added = [change.route.kind.refuses for change in up if isinstance(change, AddRoute)]
    assert added == sorted(added, reverse=True)  # refusals first


@given(states)
def test_on_the_way_down_it_is_the_other_way_round(found: TunnelState) -> None:
    down = plan(None, found)
    assert in_order(down, DOWNWARDS)
    gone = [isinstance(change, RemoveRoute) and change.route.kind.refuses for change in down[:-1]]
    assert gone == sorted(gone)  # refusals last


@given(specs, states)
def test_only_what_carries_our_marks_is_ever_removed(wanted: TunnelSpec, found: TunnelState) -> None:
    """The state holds nothing else of routes, guard and names: `observe` leaves it out."""
    for changes in (plan(wanted, found), plan(None, found)):
        for change in changes:
            match change:
                case RemoveRoute(route):
                    assert route in found.routes
                case RemoveAddress(index, address):
                    assert (index, address in found.addresses) == (INDEX, True)
                case SetMtu() | AddAddress() | SetUp() | SetNames() | RevertNames() | RemoveLink():
                    assert change.index == INDEX
                case AddRoute(route):
                    assert route.protocol == 177
                case SetPeer():
                    assert change.interface == "flexnet0"
                case LoadGuard() | RemoveGuard():
                    pass


@given(specs, states, foreign_links)
def test_beside_a_foreign_link_of_our_name_only_routes_and_guard_go(
    wanted: TunnelSpec, found: TunnelState, strange: Link
) -> None:
    beside = replace(found, link=strange, device=None, addresses=(), names=None)
    assert all(isinstance(change, RemoveRoute | RemoveGuard) for change in plan(None, beside))
    with pytest.raises(Fault):
        plan(wanted, beside)

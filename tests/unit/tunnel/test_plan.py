"""The plan is safe at every step, says what it does, and gives nothing once it is carried out."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink.nftables import INET, Table
from flexnetd.netlink.routes import Route, RouteKind
from flexnetd.tunnel.changes import Change, LoadGuard, RemoveGuard, SetPeer
from flexnetd.tunnel.guard_document import guard_of, tables_of
from flexnetd.tunnel.plan import METRIC, plan, refusal, way
from flexnetd.tunnel.spec import TunnelSpec, Users
from flexnetd.tunnel.state import LinkNames, Ownership, TunnelState
from flexnetd.wireguard.device import PeerState, key_digest
from tests.unit.tunnel.samples import (
    GATEWAY_KEY,
    INDEX,
    OTHER_GATEWAY_KEY,
    PEER,
    PREPARED,
    applied,
    device,
    link,
    peer_state,
    spec,
)

UP = applied(PREPARED, plan(spec(), PREPARED))


def lines(changes: tuple[Change, ...]) -> list[str]:
    return [str(change) for change in changes]


def test_from_the_prepared_link_to_the_tunnel() -> None:
    assert lines(plan(spec(), PREPARED)) == [
        "load the guard: flexnet0 for uid 70001, 10.88.0.0/16, fd00:88::/48 by no other way",
        "link 7: mtu 1400",
        "flexnet0: peer AgICAgIC at 198.51.100.20:51820 for 10.88.0.0/16, fd00:88::/48",
        "link 7: add address 10.89.0.7/32",
        "link 7: add address fd00:89::7/128",
        "link 7: up",
        "add route 10.88.0.0/16 unreachable metric 4294967295",
        "add route fd00:88::/48 unreachable metric 4294967295",
        "add route 10.88.0.0/16 by link 7 metric 50",
        "add route fd00:88::/48 by link 7 metric 50",
        "link 7: intranet.example asked of 10.88.0.53",
    ]


def test_from_the_tunnel_to_nothing() -> None:
    assert lines(plan(None, UP)) == [
        "link 7: no names",
        "remove link 7 (flexnet0)",
        "remove route 10.88.0.0/16 unreachable metric 4294967295",
        "remove route fd00:88::/48 unreachable metric 4294967295",
        "remove the guard",
    ]


def test_another_gateway_is_one_request() -> None:
    peer = replace(PEER, public_key=OTHER_GATEWAY_KEY, endpoint=Endpoint(ip_address("2001:db8::21"), 51820))
    changes = plan(spec(peer=peer), UP)
    assert lines(changes) == [
        "flexnet0: peer AwMDAwMD at [2001:db8::21]:51820 for 10.88.0.0/16, fd00:88::/48, instead of AgICAgIC"
    ]


def test_names_are_withdrawn_alone() -> None:
    assert lines(plan(spec(names=False), UP)) == ["link 7: no names"]


def test_names_that_are_missing_come_back() -> None:
    assert lines(plan(spec(), replace(UP, names=None))) == ["link 7: intranet.example asked of 10.88.0.53"]


def test_open_names_are_closed_again() -> None:
    opened = LinkNames((ip_address("10.88.0.53"),), ("intranet.example",), closed=False)
    assert lines(plan(spec(), replace(UP, names=opened))) == ["link 7: intranet.example asked of 10.88.0.53"]


def test_without_a_resolver_on_the_machine_no_names_are_planned() -> None:
    assert plan(spec(), replace(UP, names=None, names_missing="absent")) == ()


@pytest.mark.parametrize("without", [{"resolvers": ()}, {"domains": ()}])
def test_a_grant_without_resolvers_or_domains_sets_no_names(without: dict[str, object]) -> None:
    changed = spec(**without)
    state = applied(PREPARED, plan(changed, PREPARED))
    assert state.names is None
    assert plan(changed, state) == ()


def test_a_flushed_guard_is_loaded_again() -> None:
    assert lines(plan(spec(), replace(UP, guard=()))) == [
        "load the guard: flexnet0 for uid 70001, 10.88.0.0/16, fd00:88::/48 by no other way"
    ]


def test_a_guard_that_lost_a_rule_or_was_put_to_sleep_is_loaded_again() -> None:
    inet, arp = tables_of(guard_of(spec()))
    for changed in (replace(inet, rules=inet.rules - 1), replace(inet, dormant=True)):
        assert plan(spec(), replace(UP, guard=(changed, arp))) == (LoadGuard(guard_of(spec())),)


def test_a_tunnel_for_everybody_says_so() -> None:
    shared = spec(users=Users(None, None, None))
    assert lines(plan(shared, UP)) == [
        "load the guard: flexnet0 for everybody, 10.88.0.0/16, fd00:88::/48 by no other way"
    ]


def test_what_was_added_to_our_link_goes() -> None:
    strange = ip_interface("10.99.0.1/24")
    assert lines(plan(spec(), replace(UP, addresses=(*UP.addresses, strange)))) == [
        "link 7: remove address 10.99.0.1/24"
    ]


def test_old_routes_go_before_new_ones_of_the_same_place_come() -> None:
    stale = replace(way(ip_network("10.88.0.0/16"), INDEX), index=3)
    state = replace(UP, routes=(*tuple(r for r in UP.routes if r != replace(stale, index=INDEX)), stale))
    assert lines(plan(spec(), state)) == [
        "remove route 10.88.0.0/16 by link 3 metric 50",
        "add route 10.88.0.0/16 by link 7 metric 50",
    ]


def test_routes_that_lost_their_link_are_removed_one_by_one() -> None:
    orphan = way(ip_network("10.88.0.0/16"), 3)
    assert lines(plan(None, TunnelState(routes=(orphan, refusal(ip_network("10.88.0.0/16")))))) == [
        "remove route 10.88.0.0/16 by link 3 metric 50",
        "remove route 10.88.0.0/16 unreachable metric 4294967295",
    ]


def test_without_ipv6_its_addresses_and_routes_are_left_out() -> None:
    told = "\n".join(lines(plan(spec(), replace(PREPARED, ipv6=False)))[3:])
    assert "fd00" not in told
    assert "10.88.0.0/16" in told


def test_a_peer_that_differs_in_anything_is_set_again() -> None:
    good = peer_state(PEER, spec().prefixes)
    assert plan(spec(), replace(UP, device=device(good))) == ()
    for changed in (
        {"endpoint": Endpoint(ip_address("203.0.113.9"), 1)},
        {"allowed_ips": spec().prefixes[:1]},
        {"keepalive_s": 25},
        {"preshared_key_digest": b""},
        {"preshared_key_digest": key_digest(SecretBytes(bytes([8]) * 32))},
    ):
        peer = replace(good, **changed)  # type: ignore[arg-type]
        assert plan(spec(), replace(UP, device=device(peer))) == (SetPeer("flexnet0", PEER, spec().prefixes),)


def test_a_link_of_somebody_else_is_neither_used_nor_removed() -> None:
    taken = replace(UP, link=link(alias="mine"), device=None, names=None)
    assert taken.ownership is Ownership.FOREIGN
    with pytest.raises(Fault) as refused:
        plan(spec(), taken)
    assert refused.value == Fault(Code.INTERFACE_TAKEN, name="flexnet0")
    assert not any("link" in line and "remove link" in line for line in lines(plan(None, taken)))


@pytest.mark.parametrize(
    "state",
    [
        TunnelState(),
        TunnelState(link=link()),
        TunnelState(link=link(), device=replace(device(), public_key=bytes(32))),
        TunnelState(link=link(alias=""), device=device()),
    ],
    ids=["no link", "no device", "no key", "half-made"],
)
def test_a_link_without_its_key_cannot_be_planned_back(state: TunnelState) -> None:
    with pytest.raises(Fault) as refused:
        plan(spec(), state)
    assert refused.value == Fault(Code.LINK_GONE, name="flexnet0")


def test_a_half_made_link_is_removed() -> None:
    assert lines(plan(None, TunnelState(link=link(alias="")))) == ["remove link 7 (flexnet0)"]


def test_nothing_there_needs_nothing() -> None:
    assert plan(None, TunnelState()) == ()


# -- whatever is there

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
our_routes = st.lists(
    st.builds(way, four | six, st.sampled_from([INDEX, 3]))
    | st.builds(refusal, four | six)
    | st.builds(Route, four, st.just(RouteKind.BLACKHOLE), st.just(0), st.none(), st.just(METRIC), st.just(187)),
    unique_by=lambda route: (route.prefix, route.metric),
).map(tuple)
states = st.builds(
    TunnelState,
    link=st.builds(link, mtu=st.sampled_from([1280, 1400, 1420]), up=st.booleans()),
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

"""The plan is safe at every step, says what it does, and gives nothing once it is carried out."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.tunnel.changes import Change, LoadGuard, SetPeer
from flexnetd.tunnel.guard_document import guard_of, tables_of
from flexnetd.tunnel.plan import plan, refusal, way
from flexnetd.tunnel.spec import Users
from flexnetd.tunnel.state import LinkNames, Ownership, TunnelState
from flexnetd.wireguard.device import key_digest
from tests.unit.tunnel.samples import (
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
        peer = replace(good, **changed)
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

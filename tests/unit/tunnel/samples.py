"""Values that the tests of the tunnel's pure parts share."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from flexnetd.model.network import Endpoint, Prefix
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink.links import Link
from flexnetd.netlink.routes import Route
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
    SetDown,
    SetMtu,
    SetNames,
    SetPeer,
    SetUp,
)
from flexnetd.tunnel.guard_document import tables_of
from flexnetd.tunnel.spec import Peer, TunnelSpec, Users
from flexnetd.tunnel.state import TunnelState
from flexnetd.wireguard.device import DeviceState, PeerState, key_digest

KEY, GATEWAY_KEY, OTHER_GATEWAY_KEY = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
INDEX = 7
PEER = Peer(GATEWAY_KEY, SecretBytes(bytes([9]) * 32), Endpoint(ip_address("198.51.100.20"), 51820), 0)


def spec(**changed: Any) -> TunnelSpec:
    wanted: dict[str, Any] = {
        "mtu": 1400,
        "addresses": (ip_interface("10.89.0.7/32"), ip_interface("fd00:89::7/128")),
        "peer": PEER,
        "prefixes": (ip_network("10.88.0.0/16"), ip_network("fd00:88::/48")),
        "resolvers": (ip_address("10.88.0.53"),),
        "domains": ("intranet.example",),
        "check": Endpoint(ip_address("10.88.0.80"), 80),
        "users": Users(owner=70001, prober=992, resolver=993),
    }
    return TunnelSpec(**(wanted | changed))


def link(**changed: Any) -> Link:
    wanted: dict[str, Any] = {
        "index": INDEX,
        "name": "flexnet0",
        "kind": "wireguard",
        "alias": "flexnetd",
        "mtu": 1420,
        "up": False,
        "point_to_point": True,
    }
    return Link(**(wanted | changed))


def device(*peers: PeerState) -> DeviceState:
    return DeviceState(INDEX, "flexnet0", KEY, 40000, 0, peers)


PREPARED = TunnelState(link=link(), device=device())


def applied(state: TunnelState, changes: tuple[Change, ...]) -> TunnelState:
    """What the kernel makes of the changes, in values."""
    for change in changes:
        state = _after(state, change)
    return state


def _after(state: TunnelState, change: Change) -> TunnelState:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    match change:
        case LoadGuard(guard):
            return replace(state, guard=tables_of(guard))
        case RemoveGuard():
            return replace(state, guard=())
        case SetMtu(_, mtu):
            return replace(state, link=replace(the(state.link), mtu=mtu))
        case SetPeer():
            return replace(state, device=_with_peer(the(state.device), change))
        case AddAddress(_, address):
            return replace(state, addresses=(*state.addresses, address))
        case RemoveAddress(_, address):
            return replace(state, addresses=tuple(a for a in state.addresses if a != address))
        case SetUp():
            return replace(state, link=replace(the(state.link), up=True))
        case SetDown():
            return replace(state, link=replace(the(state.link), up=False), routes=without_ways(state))
        case AddRoute(route):
            same = [r for r in state.routes if (r.prefix, r.metric) == (route.prefix, route.metric)]
            assert not same, "the kernel would refuse a second route of this prefix and metric"
            return replace(state, routes=(*state.routes, route))
        case RemoveRoute(route):
            return replace(state, routes=tuple(r for r in state.routes if r != route))
        case SetNames(_, names):
            return replace(state, names=names)
        case RevertNames():
            return replace(state, names=None)
        case RemoveLink(index):
            routes = tuple(r for r in state.routes if r.index != index)
            return replace(state, link=None, device=None, addresses=(), routes=routes, names=None)


def without_ways(state: TunnelState) -> tuple[Route, ...]:
    return tuple(route for route in state.routes if route.kind.refuses)


def _with_peer(there: DeviceState, change: SetPeer) -> DeviceState:
    others = tuple(p for p in there.peers if p.public_key not in {change.peer.public_key, *change.rivals})
    made = peer_state(change.peer, change.prefixes)
    return replace(there, peers=(made, *others))


def peer_state(peer: Peer, prefixes: tuple[Prefix, ...], **changed: Any) -> PeerState:
    """The peer as WireGuard tells it once it was set."""
    digest = key_digest(peer.preshared_key)
    there = PeerState(
        peer.public_key, peer.endpoint, prefixes, keepalive_s=peer.keepalive_s, preshared_key_digest=digest
    )
    return replace(there, **changed)


def the(value: Any) -> Any:
    assert value is not None
    return value

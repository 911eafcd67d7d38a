"""The way from what is there to what is wanted: `plan(desired, actual)`. Pure.

The rules:
- On the way up the guard stands before anything can be routed, refusals before routes, routes before names; on the way
  down it is the other way round. So at no step does a packet for the closed network leave in the clear, and no name is
  asked where no answer can come from.
- Every prefix has two routes: by the tunnel, and `unreachable` at the worst metric. The second is what is left when the
  interface goes, also when somebody flushed the guard.
- What is as wanted already is left alone: planning again after the changes gives nothing.
- Only what carries our marks is in the state's routes, guard and names, and a link that is not ours is never touched.
- There is no undo. Whatever a failure leaves, `plan(None, ...)` removes.
- The private key is not part of it: the link is made with its key by `prepare` in `engine.py`. A link that is gone
  cannot be planned back; that is a fault, and the person signs in again.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Prefix
from flexnetd.netlink.links import Link
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
from flexnetd.tunnel.marks import METRIC, ROUTE_PROTOCOL
from flexnetd.tunnel.spec import TunnelSpec
from flexnetd.tunnel.state import LinkNames, Ownership, TunnelState
from flexnetd.wireguard.device import KEY_BYTES, DeviceState, key_digest

WORST_METRIC = 0xFFFFFFFF
_NO_KEY = bytes(KEY_BYTES)


def plan(desired: TunnelSpec | None, actual: TunnelState) -> tuple[Change, ...]:
    """The changes, in order. Raises Fault, for a desired tunnel: INTERFACE_TAKEN, LINK_GONE."""
    return tuple(_down(actual) if desired is None else _up(desired, actual))


def _up(desired: TunnelSpec, actual: TunnelState) -> Iterator[Change]:
    link, device = _usable(desired, actual)
    guard = guard_of(desired)
    if actual.guard != tables_of(guard):
        yield LoadGuard(guard)
    if link.mtu != desired.mtu:
        yield SetMtu(link.index, desired.mtu)
    yield from _peer(desired, device)
    yield from _addresses(desired, actual, link.index)
    if not link.up:
        yield SetUp(link.index)
    yield from _routes(desired, actual, link.index)
    yield from _names(desired, actual, link.index)


def _down(actual: TunnelState) -> Iterator[Change]:
    """The link takes its addresses and its routes with it."""
    ours = actual.link if actual.ownership in {Ownership.OURS, Ownership.HALF_MADE} else None
    if ours is not None and actual.names is not None:
        yield RevertNames(ours.index)
    refusals = [route for route in actual.routes if route.kind.refuses]
    for route in actual.routes:
        if route not in refusals and (ours is None or route.index != ours.index):
            yield RemoveRoute(route)
    if ours is not None:
        yield RemoveLink(ours.index, ours.name)
    for route in refusals:
        yield RemoveRoute(route)
    if actual.guard:
        yield RemoveGuard()


def _usable(desired: TunnelSpec, actual: TunnelState) -> tuple[Link, DeviceState]:
    """Our link with its key in it."""
    if actual.ownership is Ownership.FOREIGN:
        raise Fault(Code.INTERFACE_TAKEN, name=desired.interface)
    usable = actual.ownership is Ownership.OURS
    if actual.link is None or actual.device is None or not usable or actual.device.public_key == _NO_KEY:
        raise Fault(Code.LINK_GONE, name=desired.interface)
    return actual.link, actual.device


def _peer(desired: TunnelSpec, device: DeviceState) -> Iterator[Change]:
    wanted = desired.peer
    there = device.peer(wanted.public_key)
    rivals = tuple(peer.public_key for peer in device.peers if peer.public_key != wanted.public_key)
    as_wanted = (
        there is not None
        and there.endpoint == wanted.endpoint
        and there.keepalive_s == wanted.keepalive_s
        and there.preshared_key_digest == key_digest(wanted.preshared_key)
        and set(there.allowed_ips) == set(desired.prefixes)
    )
    if rivals or not as_wanted:
        yield SetPeer(desired.interface, wanted, desired.prefixes, rivals)


def _addresses(desired: TunnelSpec, actual: TunnelState, index: int) -> Iterator[Change]:
    wanted = [address for address in desired.addresses if _spoken(address.version, actual)]
    for address in actual.addresses:
        if address not in wanted:
            yield RemoveAddress(index, address)
    for address in wanted:
        if address not in actual.addresses:
            yield AddAddress(index, address)


def _routes(desired: TunnelSpec, actual: TunnelState, index: int) -> Iterator[Change]:
    """Old ones first, since the kernel takes no second route of one prefix and metric; the guard stands already."""
    prefixes = [prefix for prefix in desired.prefixes if _spoken(prefix.version, actual)]
    wanted = [refusal(prefix) for prefix in prefixes] + [way(prefix, index) for prefix in prefixes]
    for route in actual.routes:
        if route not in wanted:
            yield RemoveRoute(route)
    for route in wanted:
        if route not in actual.routes:
            yield AddRoute(route)


def _names(desired: TunnelSpec, actual: TunnelState, index: int) -> Iterator[Change]:
    wanted = names_of(desired)
    if wanted == actual.names or actual.names_missing:
        return
    yield RevertNames(index) if wanted is None else SetNames(index, wanted)


def names_of(desired: TunnelSpec) -> LinkNames | None:
    """What the system's resolver is to keep for the link; None for nothing."""
    if not desired.names or not desired.resolvers or not desired.domains:
        return None
    return LinkNames(desired.resolvers, tuple(sorted(desired.domains)))


def way(prefix: Prefix, index: int) -> Route:
    return Route(prefix, RouteKind.UNICAST, index, None, METRIC, ROUTE_PROTOCOL)


def refusal(prefix: Prefix) -> Route:
    return Route(prefix, RouteKind.UNREACHABLE, 0, None, WORST_METRIC, ROUTE_PROTOCOL)


def _spoken(version: int, actual: TunnelState) -> bool:
    return version == 4 or actual.ipv6

"""What happens to the network beside us, as frozen events: past facts, for whoever decides.

Two watches of the same shape, each a non-blocking socket: `fileno()` for the loop, `events()` when it is readable.
Nothing is left out here: our own changes are announced like everybody's, and planning again after them gives nothing.
When the kernel lost events, `Overrun` is the one event: look at everything anew. Needs the netlink codec, like the
engine: import it when there is a tunnel to watch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flexnetd.netlink.links import (
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_NEWADDR,
    RTM_NEWLINK,
    Link,
    LinkAddress,
    address_from_frame,
    link_from_frame,
)
from flexnetd.netlink.nftables import EVENT_GROUP, table_touched
from flexnetd.netlink.routes import RTM_DELROUTE, RTM_NEWROUTE, Route, route_from_frame
from flexnetd.netlink.socket import NETLINK_NETFILTER, NETLINK_ROUTE, Frame, NetlinkEvents
from flexnetd.netlink.socket import Overrun as Lost
from flexnetd.tunnel.marks import TABLE

_LINK, _IPV4_ADDRESS, _IPV4_ROUTE, _IPV4_RULE = 0x1, 0x10, 0x40, 0x80
_IPV6_ADDRESS, _IPV6_ROUTE, _IPV6_RULE = 0x100, 0x400, 0x40000
_RTM_NEWRULE, _RTM_DELRULE = 32, 33


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A link appeared, changed or, with `gone`, went."""

    link: Link
    gone: bool


@dataclass(frozen=True, slots=True)
class AddressChanged:
    address: LinkAddress
    gone: bool


@dataclass(frozen=True, slots=True)
class RouteChanged:
    route: Route
    gone: bool


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """A policy rule came or went, and with it perhaps the table that leads somewhere."""


@dataclass(frozen=True, slots=True)
class GuardTouched:
    """Somebody, we perhaps, changed a table or rule of the guard's name."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """Events were lost."""


Event = LinkChanged | AddressChanged | RouteChanged | RuleChanged | GuardTouched | Overrun


class NetworkWatch:
    """Links, addresses, routes and policy rules."""

    def __init__(self) -> None:
        groups = _LINK | _IPV4_ADDRESS | _IPV4_ROUTE | _IPV4_RULE | _IPV6_ADDRESS | _IPV6_ROUTE | _IPV6_RULE
        self._events = NetlinkEvents(NETLINK_ROUTE, groups)

    def fileno(self) -> int:
        return self._events.fileno()

    def events(self) -> tuple[Event, ...]:
        """What happened since the last call; () for nothing."""
        return drained(self._events, _network_event)

    def close(self) -> None:
        self._events.close()


class GuardWatch:
    """The guard's tables. Needs CAP_NET_ADMIN."""

    def __init__(self) -> None:
        self._events = NetlinkEvents(NETLINK_NETFILTER, 0)
        self._events.join(EVENT_GROUP)

    def fileno(self) -> int:
        return self._events.fileno()

    def events(self) -> tuple[Event, ...]:
        """At most one: how often does not matter."""
        return tuple(dict.fromkeys(drained(self._events, _guard_event)))

    def close(self) -> None:
        self._events.close()


def drained(events: NetlinkEvents, read: Callable[[Frame], Event | None]) -> tuple[Event, ...]:
    try:
        return tuple(event for event in events.drain(read) if event is not None)
    except Lost:
        return (Overrun(),)


def _network_event(frame: Frame) -> Event | None:
    if frame.kind in {RTM_NEWLINK, RTM_DELLINK}:
        return LinkChanged(link_from_frame(frame), gone=frame.kind == RTM_DELLINK)
    if frame.kind in {RTM_NEWADDR, RTM_DELADDR}:
        return AddressChanged(address_from_frame(frame), gone=frame.kind == RTM_DELADDR)
    if frame.kind in {RTM_NEWROUTE, RTM_DELROUTE}:
        route = route_from_frame(frame)
        return RouteChanged(route, gone=frame.kind == RTM_DELROUTE) if route else None
    return RuleChanged() if frame.kind in {_RTM_NEWRULE, _RTM_DELRULE} else None


def _guard_event(frame: Frame) -> Event | None:
    return GuardTouched() if table_touched(frame) == TABLE else None

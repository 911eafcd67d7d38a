"""What happens to the network beside us, as frozen events: past facts, for whoever decides.

Two watches of the same shape, each a non-blocking socket: `fileno()` for the loop, `events()` when it is readable.
Nothing is left out here: our own changes are announced like everybody's, and planning again after them gives nothing.
When the kernel lost events, `Overrun` is the one event: look at everything anew. An event tells by whom as far as that
can be known; who did it is no part of what happened, so events are equal without it. Needs the netlink codec, like the
engine: import it when there is a tunnel to watch.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

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
from flexnetd.netlink.nftables import EVENT_GROUP, NEW_TABLE, generation_of, table_touched
from flexnetd.netlink.routes import RTM_DELROUTE, RTM_NEWROUTE, Route, route_from_frame
from flexnetd.netlink.socket import NETLINK_NETFILTER, NETLINK_ROUTE, Frame, NetlinkEvents
from flexnetd.netlink.socket import Overrun as Lost
from flexnetd.tunnel.marks import TABLE

_LINK, _IPV4_ADDRESS, _IPV4_ROUTE, _IPV4_RULE = 0x1, 0x10, 0x40, 0x80
_IPV6_ADDRESS, _IPV6_ROUTE, _IPV6_RULE = 0x100, 0x400, 0x40000
_RTM_NEWRULE, _RTM_DELRULE = 32, 33


@dataclass(frozen=True, slots=True)
class Author:
    """A process that is not ours. `name` "" where the event does not tell it."""

    process: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A link appeared, changed or, with `gone`, went."""

    link: Link
    gone: bool
    by: Author | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AddressChanged:
    address: LinkAddress
    gone: bool
    by: Author | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RouteChanged:
    route: Route
    gone: bool
    by: Author | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """A policy rule came or went, and with it perhaps the table that leads somewhere."""

    by: Author | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GuardTouched:
    """Somebody, we perhaps, changed a table or rule of the guard's name."""

    by: Author | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Overrun:
    """Events were lost."""

    by: Author | None = field(default=None, compare=False)


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
        self._touches: list[int] = []

    def fileno(self) -> int:
        return self._events.fileno()

    def events(self) -> tuple[Event, ...]:
        """At most one: how often does not matter."""
        try:
            frames = self._events.drain(_guard_frame)
        except Lost:
            self._touches = []
            return (Overrun(),)
        touched = False
        author: Author | None = None
        for kind, ended in frames:
            if kind:
                self._touches.append(kind)
            if ended is not None and self._touches:
                touched = True
                # Only loading makes the table anew: that was our nft.
                author = author or (None if NEW_TABLE in self._touches else Author(*ended))
                self._touches = []
        return (GuardTouched(author),) if touched else ()

    def close(self) -> None:
        self._events.close()


def drained(events: NetlinkEvents, read: Callable[[Frame], Event | None]) -> tuple[Event, ...]:
    try:
        return tuple(event for event in events.drain(read) if event is not None)
    except Lost:
        return (Overrun(),)


def _network_event(frame: Frame) -> Event | None:
    by = _author(frame.process)
    if frame.kind in {RTM_NEWLINK, RTM_DELLINK}:
        return LinkChanged(link_from_frame(frame), frame.kind == RTM_DELLINK, by)
    if frame.kind in {RTM_NEWADDR, RTM_DELADDR}:
        return AddressChanged(address_from_frame(frame), frame.kind == RTM_DELADDR, by)
    if frame.kind in {RTM_NEWROUTE, RTM_DELROUTE}:
        route = route_from_frame(frame)
        return RouteChanged(route, frame.kind == RTM_DELROUTE, by) if route else None
    return RuleChanged(by) if frame.kind in {_RTM_NEWRULE, _RTM_DELRULE} else None


def _guard_frame(frame: Frame) -> tuple[int, tuple[int, str] | None]:
    """The kind of an event about the guard (0 for another), or who ended the transaction before it."""
    return (frame.kind if table_touched(frame) == TABLE else 0), generation_of(frame)


def _author(process: int) -> Author | None:
    """Our own requests come from sockets whose ports are no process's number, but for one."""
    return None if process in {0, os.getpid()} else Author(process)

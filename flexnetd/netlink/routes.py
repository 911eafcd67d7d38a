"""Routes as frozen values, over rtnetlink: list, add, delete, and ask where an address is sent.

The rules are those of `links.py`: every function takes an open `NetlinkSocket(NETLINK_ROUTE)`, raises Fault
KERNEL_REFUSED(what, errno) and decides nothing. A route is known again by all of its fields, so a value that was read
can be deleted, and a value that was added is read back equal. What refuses (unreachable, blackhole, prohibit) has no
interface: the kernel ties IPv6's to the loopback, which is left out here.
"""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Any

from flexnetd.model.fault import Fault
from flexnetd.model.network import Address, Prefix
from flexnetd.netlink import codec, route_filter
from flexnetd.netlink.socket import CREATE, EXCLUSIVE, Frame, NetlinkSocket, errno_of

RTM_NEWROUTE = 24
RTM_DELROUTE = 25
RTM_GETROUTE = 26

MAIN_TABLE = 254
PROTOCOL_KERNEL = 2

_SCOPE_UNIVERSE = 0
_SCOPE_LINK = 253
_CLONED = 0x200
_TELL_TABLE = 0x1000
"""IPv4 tells it when it is asked to; IPv6 always does, and refuses the flag."""
_RTA_UID = 25
_UID = struct.Struct("=HHI")
_EVERYTHING = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL, errno.ESRCH})


class RouteKind(Enum):
    """The kernel's route types (rtm_type); OTHER for those that nobody here tells apart."""

    UNICAST = 1
    LOCAL = 2
    BLACKHOLE = 6
    UNREACHABLE = 7
    PROHIBIT = 8
    OTHER = 0

    @property
    def refuses(self) -> bool:
        return self in {RouteKind.BLACKHOLE, RouteKind.UNREACHABLE, RouteKind.PROHIBIT}


@dataclass(frozen=True, slots=True)
class Route:
    """`index` is the interface's, 0 when there is none or several; `metric` 0 to 0xffffffff, smaller is preferred."""

    prefix: Prefix
    kind: RouteKind
    index: int
    gateway: Address | None
    metric: int
    protocol: int
    table: int = MAIN_TABLE


@dataclass(frozen=True, slots=True)
class Way:
    """Where the kernel sends an address: interface, next hop, own address, the path's MTU when it knows one, and the
    table that says so."""

    index: int
    gateway: Address | None
    source: Address | None
    mtu: int | None
    table: int = MAIN_TABLE


def routes(
    netlink: NetlinkSocket,
    *,
    table: int | None = None,
    protocol: int | None = None,
    meeting: tuple[Prefix, ...] | None = None,
) -> tuple[Route, ...]:
    """The routes, IPv4 and IPv6: of every table and protocol, or of one, and those alone that meet some prefixes. The
    kernel picks table and protocol out, which saves most of the time; one that does not pick is looked after here."""
    meets = None if meeting is None else route_filter.meeting(meeting)

    def read(frame: Frame) -> Route | None:
        return route_from_frame(frame) if meets is None or meets(frame) else None

    of_table = [] if table is None else [("RTA_TABLE", table)]
    found: list[Route | None] = []
    for family in (socket.AF_INET, socket.AF_INET6):
        payload = codec.payload_of(codec.message(codec.RouteMessage, of_table, family=family, proto=protocol or 0))
        try:
            found += netlink.dump("list routes", RTM_GETROUTE, payload, read)
        except Fault as refused:
            if errno_of(refused) != errno.ENOENT:  # a table is made with its first route
                raise
    return tuple(
        route
        for route in found
        if route is not None and table in {None, route.table} and protocol in {None, route.protocol}
    )


def add_route(netlink: NetlinkSocket, route: Route) -> None:
    """Adds the route; one that is there already is no error."""
    try:
        netlink.request(f"add route {route.prefix}", RTM_NEWROUTE, _payload(route), CREATE | EXCLUSIVE)
    except Fault as refused:
        if errno_of(refused) != errno.EEXIST:
            raise


def delete_route(netlink: NetlinkSocket, route: Route) -> None:
    """Deletes the route; one that is gone already, or whose link is, is no error."""
    try:
        netlink.request(f"delete route {route.prefix}", RTM_DELROUTE, _payload(route))
    except Fault as refused:
        if errno_of(refused) not in {errno.ESRCH, errno.ENODEV, errno.ENOENT}:
            raise


def way_to(netlink: NetlinkSocket, address: Address, uid: int | None = None) -> Way | None:
    """Where a packet to `address` would go now, from a program of this user's (ours when None), by every policy rule;
    None when it would go nowhere."""
    payload = codec.payload_of(
        codec.message(
            codec.RouteMessage,
            [("RTA_DST", str(address))],
            family=_family(address.version),
            dst_len=address.max_prefixlen,
            flags=_TELL_TABLE if address.version == 4 else 0,
        )
    )
    if uid is not None:
        payload += _UID.pack(_UID.size, _RTA_UID, uid)  # pyroute2 0.7 does not know this attribute
    try:
        return netlink.ask(f"find the way to {address}", RTM_GETROUTE, payload, _way_from_frame)
    except Fault as refused:
        if errno_of(refused) in _NO_WAY:
            return None
        raise


def route_from_frame(frame: Frame) -> Route | None:
    """The route in a message of type RTM_NEWROUTE or RTM_DELROUTE; None for an entry of the kernel's own cache."""
    message = codec.decoded(codec.RouteMessage, frame)
    if message["flags"] & _CLONED or message["family"] not in {socket.AF_INET, socket.AF_INET6}:
        return None
    kind = _kind(message["type"])
    return Route(
        prefix=_prefix(message),
        kind=kind,
        index=0 if kind.refuses else message.get_attr("RTA_OIF") or 0,
        gateway=_gateway(message),
        metric=message.get_attr("RTA_PRIORITY") or 0,
        protocol=message["proto"],
        table=message.get_attr("RTA_TABLE") or message["table"],
    )


def _way_from_frame(frame: Frame) -> Way | None:
    message = codec.decoded(codec.RouteMessage, frame)
    if _kind(message["type"]).refuses:
        return None
    source = message.get_attr("RTA_PREFSRC")
    metrics = message.get_attr("RTA_METRICS")
    mtu = metrics.get_attr("RTAX_MTU") if metrics else None
    return Way(
        index=message.get_attr("RTA_OIF") or 0,
        gateway=_gateway(message),
        source=ip_address(source) if source else None,
        mtu=mtu or None,
        table=message.get_attr("RTA_TABLE") or message["table"],
    )


def _payload(route: Route) -> bytearray:
    attributes: list[tuple[str, Any]] = [
        ("RTA_DST", str(route.prefix.network_address)),
        ("RTA_TABLE", route.table),
        ("RTA_PRIORITY", route.metric),
    ]
    if route.index:
        attributes.append(("RTA_OIF", route.index))
    if route.gateway is not None:
        attributes.append(("RTA_GATEWAY", str(route.gateway)))
    on_link = route.index != 0 and route.gateway is None and route.prefix.version == 4
    message = codec.message(
        codec.RouteMessage,
        attributes,
        family=_family(route.prefix.version),
        dst_len=route.prefix.prefixlen,
        table=route.table if route.table < 256 else 0,
        proto=route.protocol,
        scope=_SCOPE_LINK if on_link else _SCOPE_UNIVERSE,
        type=route.kind.value,
    )
    return codec.payload_of(message)


def _prefix(message: Any) -> Prefix:
    destination = message.get_attr("RTA_DST")
    if not destination:
        return _EVERYTHING[4 if message["family"] == socket.AF_INET else 6]
    return ip_network(f"{destination}/{message['dst_len']}")


def _gateway(message: Any) -> Address | None:
    """The next hop; of an IPv4 route it may be an IPv6 address (RTA_VIA)."""
    gateway = message.get_attr("RTA_GATEWAY")
    if gateway:
        return ip_address(gateway)
    via = message.get_attr("RTA_VIA")
    return ip_address(via["addr"]) if via else None


def _kind(number: int) -> RouteKind:
    try:
        return RouteKind(number)
    except ValueError:
        return RouteKind.OTHER


def _family(version: int) -> int:
    return socket.AF_INET if version == 4 else socket.AF_INET6

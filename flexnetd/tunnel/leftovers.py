"""Whether anything of ours is left in the kernel, found out cheaply: no codec is loaded, no program started.

For the daemon's start: only if there is something, the engine is loaded to adopt or to clean it.
"""

from __future__ import annotations

import errno
import socket
import struct

from flexnetd.model.fault import Fault
from flexnetd.netlink import nftables
from flexnetd.netlink.nftables import Table
from flexnetd.netlink.socket import NETLINK_NETFILTER, NETLINK_ROUTE, Frame, NetlinkSocket, errno_of
from flexnetd.tunnel.marks import INTERFACE, ROUTE_PROTOCOL, TABLE

_GET_LINK, _GET_ROUTE = 18, 26
_IFLA_IFNAME = 3
_LINK_HEADER = bytes(16)
_ROUTE_HEADER = struct.Struct("=8BI")  # family, two lengths, tos, table, protocol, scope, type, flags
_PROTOCOL_AT = 5
_NO_NFTABLES = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT})


def anything_left(interface: str = INTERFACE) -> bool:
    """True when there is a link of this name, whoever's, a route of our protocol or a table of our name.

    Raises Fault: KERNEL_REFUSED(what, errno).
    """
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        if _has_link(netlink, interface) or _has_routes(netlink):
            return True
    return bool(loaded_tables())


def _has_link(netlink: NetlinkSocket, name: str) -> bool:
    value = name.encode() + b"\0"
    attribute = struct.pack("=HH", 4 + len(value), _IFLA_IFNAME) + value + bytes(-len(value) % 4)
    try:
        return netlink.ask(f"find link {name}", _GET_LINK, _LINK_HEADER + attribute, lambda _: True)
    except Fault as refused:
        if errno_of(refused) == errno.ENODEV:
            return False
        raise


def _has_routes(netlink: NetlinkSocket) -> bool:
    """The kernel leaves out the routes of other protocols, or an older one does not: so looked at again."""
    for family in (socket.AF_INET, socket.AF_INET6):
        asked = _ROUTE_HEADER.pack(family, 0, 0, 0, 0, ROUTE_PROTOCOL, 0, 0, 0)
        if any(netlink.dump("list routes", _GET_ROUTE, asked, _is_ours)):
            return True
    return False


def _is_ours(route: Frame) -> bool:
    return route.body[_PROTOCOL_AT] == ROUTE_PROTOCOL


def loaded_tables() -> tuple[Table, ...]:
    """Our tables; () too where the kernel has no nftables. Raises Fault: KERNEL_REFUSED(what, errno)."""
    try:
        with NetlinkSocket(NETLINK_NETFILTER) as netlink:
            found = (nftables.table(netlink, family, TABLE) for family in (nftables.INET, nftables.ARP))
            return tuple(table for table in found if table is not None)
    except OSError:  # no netfilter at all
        return ()
    except Fault as refused:
        if errno_of(refused) in _NO_NFTABLES:
            return ()
        raise

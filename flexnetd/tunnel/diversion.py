"""Whether the kernel sends what is for the operator into the tunnel, all rules and tables taken together.

The table of overlaps (`overlap.py`) is about the main table. A policy rule that looks elsewhere first (Tailscale's, an
administrator's) can lead around our routes however they lie. Weighing every rule would be guessing what the kernel does
with them; so it is asked, once the routes stand, for a packet of the owner's to the places that count: the resolvers,
the check address, and the first host of each prefix. The guard keeps what is led elsewhere from leaving, so nothing
leaks; but nothing works either, and the person is told who leads it away.

What goes nowhere is no diversion: it may be what somebody locked on purpose, and the check address says if all is.
What the main table leads elsewhere is none either: the table of overlaps was asked before, so our route was taken away
since, and is put back when that is heard.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.model.network import Address
from flexnetd.netlink.links import link_of_index
from flexnetd.netlink.routes import MAIN_TABLE, Way, way_to
from flexnetd.netlink.socket import NetlinkSocket
from flexnetd.tunnel.spec import TunnelSpec

LOCAL_TABLE = 255


def diversion(netlink: NetlinkSocket, spec: TunnelSpec, index: int, *, ipv6: bool) -> tuple[Address, str] | None:
    """The first of the places that is led by another interface than that of `index`, and how: as `ip route get` tells
    it. None when all is well. Raises Fault: KERNEL_REFUSED."""
    for place in dict.fromkeys(places(spec)):
        if place.version == 6 and not ipv6:
            continue
        way = way_to(netlink, place, spec.users.owner)
        if way is not None and way.index != index and way.table not in {LOCAL_TABLE, MAIN_TABLE}:
            return place, _told(netlink, place, way)
    return None


def places(spec: TunnelSpec) -> Iterator[Address]:
    """Pure. The network's own address is nobody's, unless the network is a single host."""
    yield from spec.resolvers
    if spec.check is not None:
        yield spec.check.address
    for prefix in spec.prefixes:
        single = prefix.prefixlen == prefix.max_prefixlen
        yield prefix.network_address if single else prefix.network_address + 1


def _told(netlink: NetlinkSocket, place: Address, way: Way) -> str:
    link = link_of_index(netlink, way.index)
    by = f" via {way.gateway}" if way.gateway else ""
    on = f" dev {link.name}" if link else ""
    return f"{place}{by}{on} table {way.table}"

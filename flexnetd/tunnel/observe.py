"""Looks at what is there. Changes nothing."""

from __future__ import annotations

from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import Interface
from flexnetd.netlink.links import addresses, link_of_name
from flexnetd.netlink.routes import routes
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.tunnel.leftovers import loaded_tables
from flexnetd.tunnel.marks import ROUTE_PROTOCOL
from flexnetd.tunnel.names import Names
from flexnetd.tunnel.state import LinkNames, Ownership, TunnelState, ownership
from flexnetd.wireguard.device import WireGuard

IPV6_SETTINGS = Path("/proc/sys/net/ipv6/conf")


def observe(interface: str, wireguard: WireGuard, names: Names) -> TunnelState:
    """Raises Fault: KERNEL_REFUSED."""
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        link = link_of_name(netlink, interface)
        own: tuple[Interface, ...] = ()
        if link is not None:
            own = tuple(a.interface for a in addresses(netlink, link.index) if not a.interface.is_link_local)
        ours = routes(netlink, protocol=ROUTE_PROTOCOL)
    usable = link is not None and ownership(link, bool(own)) is Ownership.OURS
    kept, missing = _names(link.index, names) if link is not None and usable else (None, "")
    return TunnelState(
        link=link,
        device=wireguard.read(interface) if usable else None,
        addresses=own,
        routes=ours,
        guard=loaded_tables(),
        names=kept,
        names_missing=missing,
        ipv6=_ipv6_is_on(interface),
    )


def _names(index: int, names: Names) -> tuple[LinkNames | None, str]:
    try:
        return names.read(index), ""
    except Fault as wrong:
        if wrong.code is not Code.NAMES_UNAVAILABLE:
            raise
        return None, str(wrong.facts["reason"])


def _ipv6_is_on(interface: str) -> bool:
    """Off is a kernel without IPv6, or one that was told so for this link, or for every new one."""
    for scope in (interface, "default"):
        setting = IPV6_SETTINGS / scope / "disable_ipv6"
        if setting.exists():
            return setting.read_text().strip() == "0"
    return False

"""Carries one change out. Each tolerates having been done already; none decides anything."""

from __future__ import annotations

from typing import assert_never

from flexnetd.netlink.links import add_address, change_link, delete_address, delete_link
from flexnetd.netlink.routes import add_route, delete_route
from flexnetd.netlink.socket import NetlinkSocket
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
from flexnetd.tunnel.guard import load_guard, remove_guard
from flexnetd.tunnel.names import Names
from flexnetd.wireguard.device import DeviceChange, PeerChange, WireGuard


def apply(change: Change, netlink: NetlinkSocket, wireguard: WireGuard, names: Names) -> None:  # noqa: C901, PLR0912
    """Raises Fault: KERNEL_REFUSED, GUARD_REFUSED, NAMES_UNAVAILABLE."""
    match change:
        case LoadGuard(guard):
            load_guard(guard)
        case RemoveGuard():
            remove_guard()
        case SetMtu(index, mtu):
            change_link(netlink, index, mtu=mtu)
        case SetPeer(interface=interface):
            wireguard.change(interface, device_change_of(change))
        case AddAddress(index, address):
            add_address(netlink, index, address)
        case RemoveAddress(index, address):
            delete_address(netlink, index, address)
        case SetUp(index):
            change_link(netlink, index, up=True)
        case SetDown(index):
            change_link(netlink, index, up=False)
        case AddRoute(route):
            add_route(netlink, route)
        case RemoveRoute(route):
            delete_route(netlink, route)
        case SetNames(index, wanted):
            names.set(index, wanted)
        case RevertNames(index):
            names.revert(index)
        case RemoveLink(index):
            delete_link(netlink, index)
        case _:
            assert_never(change)


def device_change_of(change: SetPeer) -> DeviceChange:
    """The new peer first: it takes the prefixes over, then the rivals go, in one request."""
    wanted = PeerChange(
        change.peer.public_key,
        preshared_key=change.peer.preshared_key,
        endpoint=change.peer.endpoint,
        allowed_ips=change.prefixes,
        keepalive_s=change.peer.keepalive_s,
    )
    return DeviceChange(peers=(wanted, *(PeerChange(rival, remove=True) for rival in change.rivals)))

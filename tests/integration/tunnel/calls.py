"""What tests call on a host, in a process of its own: arguments and answers travel pickled."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network
from pathlib import Path

from flexnetd.model.secret import SecretBytes
from flexnetd.netlink.links import add_address, change_link
from flexnetd.netlink.routes import Route, RouteKind, add_route
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.tunnel.changes import Change
from flexnetd.tunnel.engine import Tunnel
from flexnetd.tunnel.spec import TunnelSpec
from flexnetd.tunnel.state import TunnelState
from flexnetd.wireguard.device import DeviceChange, PeerChange
from flexnetd.wireguard.uapi import UserSpaceWireGuard

SPAWNER = Path("/run/spawner.sock")
POOLS = ("10.89.0.0/24", "fd00:89::/64")


@dataclass(frozen=True, slots=True)
class Made:
    """An outcome in words."""

    changes: tuple[str, ...]
    health: tuple[str, ...]


def tunnel() -> Tunnel:
    return Tunnel(wireguard=UserSpaceWireGuard(SPAWNER))


def serve(port: int | None, peers: tuple[PeerChange, ...]) -> bytes:
    """On the gateway: makes its device at `port`, or gives the device that is there these peers; its public key."""
    wireguard = UserSpaceWireGuard(SPAWNER)
    if port is not None:
        index = wireguard.create("wg0")
        key = SecretBytes(os.urandom(32))
        wireguard.change("wg0", DeviceChange(private_key=key, listen_port=port))
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            add_address(netlink, index, ip_interface("10.89.0.1/32"))
            change_link(netlink, index, up=True)
            for pool in POOLS:
                add_route(netlink, Route(ip_network(pool), RouteKind.UNICAST, index, None, 5, 4))
    else:
        wireguard.change("wg0", DeviceChange(peers=peers, replace_peers=True))
    device = wireguard.read("wg0")
    assert device is not None
    return device.public_key


def prepare() -> bytes:
    return tunnel().prepare(SecretBytes(os.urandom(32)))


def make_it_so(spec: TunnelSpec | None) -> Made:
    outcome = tunnel().make_it_so(spec)
    return Made(tuple(map(str, outcome.changes)), tuple(map(str, outcome.health)))


def observe() -> TunnelState:
    return tunnel().observe()


def adopt(public_key: bytes, ifindex: int) -> bool:
    return tunnel().adopt(public_key, ifindex)


def killed_after(changes: int, spec: TunnelSpec | None) -> Made:
    """make_it_so, by a process that is killed right after so many changes."""
    heard: list[Change] = []

    def count(change: Change) -> None:
        heard.append(change)
        if len(heard) == changes:
            os.kill(os.getpid(), signal.SIGKILL)

    outcome = Tunnel(wireguard=UserSpaceWireGuard(SPAWNER), heard=count).make_it_so(spec)
    return Made(tuple(map(str, outcome.changes)), tuple(map(str, outcome.health)))


def everything() -> str:
    """Links, addresses, routes, rules and filters of this host, as a person sees them."""
    shown = (
        ["ip", "-o", "link"],
        ["ip", "-o", "address"],
        ["ip", "route", "show", "table", "all"],
        ["ip", "-6", "route", "show", "table", "all"],
        ["ip", "rule"],
        ["nft", "list", "ruleset"],
    )
    return "\n".join(subprocess.run(argv, capture_output=True, text=True, check=True).stdout for argv in shown)

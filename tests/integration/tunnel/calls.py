"""What tests call on a host, in a process of its own: arguments and answers travel pickled."""

from __future__ import annotations

import errno
import os
import signal
import socket
import struct
import subprocess
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network
from pathlib import Path

from flexnetd.model.fault import Fault
from flexnetd.model.network import Address
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink.links import add_address, change_link
from flexnetd.netlink.routes import Route, RouteKind, Way, add_route
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.tunnel.changes import Change
from flexnetd.tunnel.engine import Tunnel
from flexnetd.tunnel.leftovers import anything_left
from flexnetd.tunnel.names import ResolvedNames
from flexnetd.tunnel.recover import recover
from flexnetd.tunnel.spec import TunnelSpec
from flexnetd.tunnel.state import LinkNames, TunnelState
from flexnetd.wireguard.device import DeviceChange, PeerChange, PeerState
from flexnetd.wireguard.uapi import UserSpaceWireGuard
from tests.bed.laptop.services import WIREGUARD_GO_SOCKET

SPAWNER = Path(WIREGUARD_GO_SOCKET)
_ARP = 0x0806
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


def rehearse() -> None:
    tunnel().rehearse()


def observe() -> TunnelState:
    return tunnel().observe()


def adopt(public_key: bytes, ifindex: int) -> bool:
    return tunnel().adopt(public_key, ifindex)


def create_alone() -> int:
    """What is there when we are killed between the link and its mark."""
    return UserSpaceWireGuard(SPAWNER).create("flexnet0")


def statistics() -> PeerState | None:
    return tunnel().statistics()


def trigger_handshake() -> None:
    tunnel().trigger_handshake()


def way_and_mtu(address: Address) -> tuple[Way | None, int | None]:
    return tunnel().way_to(address), tunnel().path_mtu(address)


def left() -> bool:
    return anything_left()


def recovered() -> tuple[str, ...]:
    return recover()


def asked(server: str, name: str, timeout_s: float = 2) -> str:
    """What comes back when `name` is asked of `server` by UDP: "answer", or the errno's name, or "silent"."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = b"\0\7\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(timeout_s)
        try:
            asking.connect((server, 53))
            asking.send(question)
            asking.recv(4096)
        except TimeoutError:
            return "silent"
        except OSError as wrong:
            return errno.errorcode[wrong.errno or 0]
    return "answer"


def names(index: int) -> LinkNames | None:
    return ResolvedNames().read(index)


def set_names(index: int, wanted: LinkNames) -> None:
    ResolvedNames().set(index, wanted)


def revert_names(index: int) -> None:
    ResolvedNames().revert(index)


def names_by_way_of(bus: str, index: int) -> LinkNames | None:
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus
    return ResolvedNames().read(index)


def killed_after(changes: int, spec: TunnelSpec | None) -> Made:
    """make_it_so, by a process that is killed right after so many changes."""
    heard: list[Change] = []

    def count(change: Change) -> None:
        heard.append(change)
        if len(heard) == changes:
            os.kill(os.getpid(), signal.SIGKILL)

    outcome = Tunnel(wireguard=UserSpaceWireGuard(SPAWNER), heard=count).make_it_so(spec)
    return Made(tuple(map(str, outcome.changes)), tuple(map(str, outcome.health)))


def fought(spec: TunnelSpec, undoing: list[str], times: int, then_after_s: float) -> tuple[list[str], Made]:
    """A rival undoes something and the engine puts it back, so many times at one moment; then both once more, when so
    much time has passed. What came of each repair ("" or the fault), and of the last."""
    passed = 0.0
    engine = Tunnel(wireguard=UserSpaceWireGuard(SPAWNER), rival=lambda: "a rival", now=lambda: passed)
    engine.make_it_so(spec)
    outcomes = []
    for _ in range(times):
        subprocess.run(undoing, check=True)
        try:
            engine.make_it_so(spec)
        except Fault as refused:
            outcomes.append(str(refused))
        else:
            outcomes.append("")
    passed = then_after_s
    outcome = engine.make_it_so(spec)
    return outcomes, Made(tuple(map(str, outcome.changes)), tuple(map(str, outcome.health)))


def everything() -> str:
    """Links, addresses, routes, rules and filters of this host, as a person sees them."""
    shown = (
        ["ip", "-o", "link"],
        ["ip", "-o", "address"],
        ["ip", "route", "show", "table", "all"],
        ["ip", "-6", "route", "show", "table", "all"],
        ["ip", "rule"],
        ["nft", "-s", "list", "ruleset"],
    )
    return "\n".join(subprocess.run(argv, capture_output=True, text=True, check=True).stdout for argv in shown)


def arp_answers(own_address: str, addresses: list[str]) -> list[str]:
    """Which of these addresses somebody on eth0 claims to have. The last one must be claimed: its answer ends it, since
    whoever answered an earlier question did so before."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP)) as wire:
        wire.bind(("eth0", _ARP))
        wire.settimeout(5)
        own = wire.getsockname()[4]
        for address in addresses:
            wire.send(
                b"\xff" * 6
                + own
                + struct.pack("!HHHBBH", _ARP, 1, 0x0800, 6, 4, 1)
                + own
                + socket.inet_aton(own_address)
                + bytes(6)
                + socket.inet_aton(address)
            )
        claimed: list[str] = []
        while addresses[-1] not in claimed:
            frame = wire.recv(2048)
            if frame[20:22] == b"\0\2":
                claimed.append(socket.inet_ntoa(frame[28:32]))
        return claimed

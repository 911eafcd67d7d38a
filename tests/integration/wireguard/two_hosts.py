"""Two hosts on one cable, each with a user-space WireGuard whose door the test holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import Any, TypeVar

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink import links
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkSocket
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange
from flexnetd.wireguard.uapi import UserSpaceWireGuard
from tests.bed.laptop.services import WIREGUARD_GO_SOCKET, start_wireguard_go_spawner
from tests.bed.servers.start import await_ready
from tests.bed.world.host import Host
from tests.bed.world.plan import HostPlan, Plan, Port, Segment
from tests.bed.world.world import World

T = TypeVar("T")

NAME = "flexnet0"
PORT = 51820
OUTSIDE = {"one": "192.0.2.1", "two": "192.0.2.2"}
INSIDE = {"one": "10.9.0.1", "two": "10.9.0.2"}

PLAN = Plan(
    (Segment("cable"),),
    tuple(HostPlan(name, (Port("cable", "eth0", (f"{address}/24",)),)) for name, address in OUTSIDE.items()),
)


@dataclass(frozen=True, slots=True)
class Side:
    """A host and its door. The door's calls are made in the host's network."""

    host: Host
    door: UserSpaceWireGuard

    def create(self) -> int:
        return self.host.within(self.door.create, NAME)

    def change(self, change: DeviceChange) -> None:
        self.host.within(self.door.change, NAME, change)

    def read(self) -> DeviceState:
        device = self.host.within(self.door.read, NAME)
        assert device is not None
        return device

    def netlink(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Calls a function of `flexnetd.netlink` with a socket in the host's network."""

        def call() -> T:
            with NetlinkSocket(NETLINK_ROUTE) as netlink:
                return function(netlink, *arguments, **named)

        return self.host.within(call)

    def begin(self) -> bytes:
        """A device with a fresh key at `PORT`, up, with its inside address; its public key."""
        index = self.create()
        self.change(DeviceChange(private_key=SecretBytes(os.urandom(32)), listen_port=PORT))
        self.netlink(links.add_address, index, ip_interface(f"{INSIDE[self.host.name]}/24"))
        self.netlink(links.change_link, index, up=True)
        return self.read().public_key

    def pings(self, address: str) -> bool:
        return self.host.run(["ping", "-c1", "-W1", address], check=False).returncode == 0


def outside(name: str) -> Endpoint:
    return Endpoint(ip_address(OUTSIDE[name]), PORT)


def with_peer(*peers: PeerChange) -> DeviceChange:
    return DeviceChange(peers=peers)


@contextmanager
def two_hosts() -> Iterator[tuple[Side, Side]]:
    with World(PLAN) as world:
        for host in world:
            await_ready(start_wireguard_go_spawner(host, 0))
        yield side(world["one"]), side(world["two"])


def side(host: Host) -> Side:
    # A call within a host stands in its network only; its files are reached by way of its anchor.
    run = Path(f"/proc/{host.pid}/root/run")
    return Side(host, UserSpaceWireGuard(Path(f"/proc/{host.pid}/root{WIREGUARD_GO_SOCKET}"), run / "wireguard"))

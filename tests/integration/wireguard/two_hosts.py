"""Two hosts on one cable, each with a user-space WireGuard whose door the test holds."""

from __future__ import annotations

import json
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
from tests.bed.servers.start import await_ready
from tests.bed.world.host import Host
from tests.bed.world.plan import HostPlan, Plan, Port, Segment
from tests.bed.world.process import PYTHON
from tests.bed.world.world import World

T = TypeVar("T")

SPAWNER = "tests/bed/laptop/spawner.py"
SPAWNER_SOCKET = "/run/spawner.sock"
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


def start_spawner(world: World, host: Host, uid: int) -> None:
    """What makes user-space devices on this host, for the user of `uid`."""
    configuration = world.folder / f"{host.name}.spawner.json"
    configuration.write_text(json.dumps({"wireguard_go": {"socket": SPAWNER_SOCKET, "uid": uid}}))
    await_ready(host.start("spawner", [PYTHON, "-I", "-S", SPAWNER, str(configuration)]))


@contextmanager
def two_hosts() -> Iterator[tuple[Side, Side]]:
    with World(PLAN) as world:
        for host in world:
            start_spawner(world, host, uid=0)
        yield side(world["one"]), side(world["two"])


def side(host: Host) -> Side:
    # A call within a host stands in its network only; its files are reached by way of its anchor.
    run = Path(f"/proc/{host.pid}/root/run")
    return Side(host, UserSpaceWireGuard(Path(f"/proc/{host.pid}/root{SPAWNER_SOCKET}"), run / "wireguard"))

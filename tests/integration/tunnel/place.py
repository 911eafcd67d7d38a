"""A small world for the tunnel: a laptop at home, its neighbour, a container on it, a gateway, the pages behind it.

    neighbour --+
    laptop    --+-- lan -- gateway -- intranet -- pages
      +-- box0 -- container

The gateway is the home's router too and would forward packets for the closed network in the clear, and the pages would
answer: what does not leak here is held back by the laptop.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.tunnel.spec import Peer, TunnelSpec, Users
from flexnetd.wireguard.device import PeerChange
from tests.bed.laptop.services import start_wireguard_go_spawner
from tests.bed.servers.start import await_ready, start_names, start_page
from tests.bed.world.plan import HostPlan, Plan, Port, Route, Segment
from tests.bed.world.process import Identity
from tests.bed.world.world import World
from tests.integration.tunnel import calls

ALICE, BOB = Identity(70001), Identity(70002)
DAEMON = Identity(991, caps=("net_admin",))
WORKER, RESOLVER = Identity(992), Identity(993)
USERS = Users(owner=ALICE.uid, prober=WORKER.uid, resolver=RESOLVER.uid)

LAPTOP, NEIGHBOUR, GATEWAY = "192.168.178.20", "192.168.178.66", "192.168.178.1"
LAPTOP_V6, GATEWAY_V6 = "2001:db8:0:1::20", "2001:db8:0:1::1"
PAGES, OTHER_PAGES, NAMES = "10.88.0.80", "10.88.0.81", "10.88.0.53"
PAGES_V6 = "fd00:88::80"
TUNNEL, TUNNEL_V6 = "10.89.0.7", "fd00:89::7"
PAGE_TEXT = "Behind the tunnel."
PORT = 51820

PREFIXES = (ip_network("10.88.0.0/16"), ip_network("fd00:88::/48"))

PLAN = Plan(
    (Segment("lan"), Segment("container"), Segment("intranet")),
    (
        HostPlan(
            "laptop",
            (
                Port("lan", "eth0", (f"{LAPTOP}/24", f"{LAPTOP_V6}/64")),
                Port("container", "box0", ("172.17.0.1/16", "2001:db8:0:17::1/64")),
            ),
            (Route("default", GATEWAY), Route("::/0", GATEWAY_V6)),
            forwards=True,
        ),
        HostPlan(
            "neighbour",
            (Port("lan", "eth0", (f"{NEIGHBOUR}/24",)),),
            (Route("10.88.0.0/16", LAPTOP), Route("default", GATEWAY)),
        ),
        HostPlan(
            "container",
            (Port("container", "eth0", ("172.17.0.2/16", "2001:db8:0:17::2/64")),),
            (Route("default", "172.17.0.1"), Route("::/0", "2001:db8:0:17::1")),
        ),
        HostPlan(
            "gateway",
            (
                Port("lan", "eth0", (f"{GATEWAY}/24", f"{GATEWAY_V6}/64")),
                Port("intranet", "eth1", ("10.88.0.1/16", "fd00:88::1/64")),
            ),
            (Route("172.17.0.0/16", LAPTOP), Route("2001:db8:0:17::/64", LAPTOP_V6)),
            forwards=True,
        ),
        HostPlan(
            "pages",
            (Port("intranet", "eth0", (f"{PAGES}/16", f"{OTHER_PAGES}/16", f"{NAMES}/16", f"{PAGES_V6}/64")),),
            (Route("default", "10.88.0.1"), Route("::/0", "fd00:88::1")),
        ),
    ),
)


@dataclass
class Place:
    """The world with a gateway that serves `gateway_key`'s peers."""

    world: World
    gateway_key: bytes = b""
    preshared_key: SecretBytes = field(default_factory=lambda: SecretBytes(os.urandom(32)))

    def spec(self, **changed: Any) -> TunnelSpec:
        wanted: dict[str, Any] = {
            "mtu": 1400,
            "addresses": (ip_interface(TUNNEL), ip_interface(TUNNEL_V6)),
            "peer": Peer(self.gateway_key, self.preshared_key, Endpoint(ip_address(GATEWAY), PORT), 0),
            "prefixes": PREFIXES,
            "resolvers": (ip_address(NAMES),),
            "domains": ("intranet.example",),
            "check": Endpoint(ip_address(PAGES), 80),
            "users": USERS,
        }
        return TunnelSpec(**(wanted | changed))

    def admit(self, public_key: bytes) -> None:
        """The gateway takes the laptop's key, and no other."""
        peer = PeerChange(
            public_key,
            preshared_key=self.preshared_key,
            allowed_ips=(ip_network(TUNNEL), ip_network(TUNNEL_V6)),
        )
        self.world["gateway"].call(calls.serve, None, (peer,))

    def do(self, function: Any, *arguments: Any) -> Any:
        """Calls a function of `calls.py` on the laptop with the daemon's rights."""
        return self.world["laptop"].call(function, *arguments, identity=DAEMON)

    def prepared(self) -> bytes:
        """The laptop's link, its key admitted at the gateway."""
        public_key: bytes = self.do(calls.prepare)
        self.admit(public_key)
        return public_key

    def up(self, **changed: Any) -> TunnelSpec:
        """A tunnel that stands."""
        spec = self.spec(**changed)
        self.prepared()
        self.do(calls.make_it_so, spec)
        return spec

    def down(self) -> None:
        self.do(calls.make_it_so, None)

    def everything(self) -> str:
        shown: str = self.world["laptop"].call(calls.everything)
        return shown

    def on_laptop(self, *lines: str) -> None:
        """Root on the laptop does these, one after the other."""
        self.world["laptop"].run(["sh", "-e"], stdin="\n".join(lines))

    def page(self, who: Identity, address: str = PAGES, host: str = "laptop", timeout_s: float = 2) -> str:
        """What `who` gets from http://address/; "refused" or "silent" when there is no page."""
        literal = f"[{address}]" if ":" in address else address
        argv = ["curl", "-s", "-g", "--noproxy", "*", "-m", str(timeout_s), f"http://{literal}/"]
        done = self.world[host].run(argv, identity=who, check=False)
        return done.stdout if done.returncode == 0 else {7: "refused", 28: "silent"}[done.returncode]


@contextmanager
def place() -> Iterator[Place]:
    with World(PLAN) as world:
        for host, uid in (("laptop", DAEMON.uid), ("gateway", 0)):
            await_ready(start_wireguard_go_spawner(world[host], uid))
        for address in (PAGES, OTHER_PAGES, PAGES_V6):
            await_ready(start_page(world["pages"], address, PAGE_TEXT))
        await_ready(start_names(world["pages"], NAMES, {"page.intranet.example": (PAGES,)}))
        made = Place(world)
        made.gateway_key = world["gateway"].call(calls.serve, PORT, ())
        yield made

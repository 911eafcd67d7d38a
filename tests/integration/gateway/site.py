"""A gateway's site: the gateway with its agent, two clients outside, and the portal that the test plays.

portal --+-- net --+-- alice
gateway -+         +-- bob
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_interface, ip_network
from pathlib import Path

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink import links
from flexnetd.wire.gateway import Peer
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange
from tests.bed.await_ import until
from tests.bed.laptop.services import WIREGUARD_GO_SOCKET, start_wireguard_go_spawner
from tests.bed.servers.start import await_ready
from tests.bed.world.plan import HostPlan, Plan, Port, Segment
from tests.bed.world.process import PYTHON, Identity, Program
from tests.bed.world.world import World
from tests.integration.gateway.papers import Papers, new_papers
from tests.integration.gateway.scripted_portal import ScriptedPortal, peer
from tests.integration.wireguard.two_hosts import Side, side

AGENT = Identity(990, caps=("net_admin",))
INTERFACE = "flexnet-gw0"
OUTSIDE = {"portal": "192.0.2.10", "gateway": "192.0.2.1", "alice": "192.0.2.2", "bob": "192.0.2.3"}
INSIDE = {"gateway": "10.89.0.1", "alice": "10.89.0.7", "bob": "10.89.0.8"}
POOL = "10.89.0.0/24"
PORT = 51820

PLAN = Plan(
    (Segment("net"),),
    tuple(
        HostPlan(name, (Port("net", "eth0", (f"{address}/24",)),), forwards=name == "gateway")
        for name, address in OUTSIDE.items()
    ),
)


@dataclass
class Client:
    """A host with a WireGuard device that knows the gateway."""

    side: Side
    inside: str
    public_key: bytes
    preshared_key: bytes = field(default_factory=lambda: os.urandom(32))

    @property
    def peer(self) -> Peer:
        return self.ending_in(3600)

    def ending_in(self, seconds: int) -> Peer:
        """What the portal says of this client."""
        return peer(self.public_key, self.inside, self.preshared_key, seconds)

    def reaches(self, address: str = INSIDE["gateway"]) -> bool:
        return self.side.pings(address)

    def knows(self, gateway_key: bytes) -> None:
        """Begins anew with the gateway; it would notice by itself that its session is gone, after 15 s."""
        self.side.change(
            DeviceChange(
                peers=(
                    PeerChange(
                        gateway_key,
                        preshared_key=SecretBytes(self.preshared_key),
                        endpoint=Endpoint(ip_address(OUTSIDE["gateway"]), PORT),
                        allowed_ips=(ip_network(POOL),),
                    ),
                ),
                replace_peers=True,
            )
        )


@dataclass
class Site:
    world: World
    portal: ScriptedPortal
    papers: Papers
    config: Path
    gateway: Side

    def start(self) -> Program:
        """An agent, ready: its interface is there."""
        return self.started(self.run_agent())

    def started(self, agent: Program) -> Program:
        before = agent.log_text().count("ready:")

        def ready() -> bool:
            assert agent.running, agent.log_end()
            return agent.log_text().count("ready:") > before or agent.log_text().endswith(f"interface {INTERFACE}\n")

        until(ready, what="the agent being ready")
        return agent

    def run_agent(self, *arguments: str) -> Program:
        argv = [PYTHON, "-m", "flexnetd.gateway.main", *arguments, "--config", str(self.config)]
        environment = {
            "FLEXNETD_WIREGUARD_GO": WIREGUARD_GO_SOCKET,
            "RUNTIME_DIRECTORY": str(self.config.parent / "run"),
        }
        return self.world["gateway"].start(f"agent-{os.urandom(2).hex()}", argv, identity=AGENT, env=environment)

    def gateway_key(self) -> bytes:
        """As the agent's own command prints it."""
        program = self.run_agent("public-key")
        assert program.wait(20) == 0, program.log_end()
        return base64.b64decode(program.log_text())

    def client(self, name: str) -> Client:
        await_ready(start_wireguard_go_spawner(self.world[name], 0))
        made = side(self.world[name])
        index = made.create()
        made.change(DeviceChange(private_key=SecretBytes(os.urandom(32))))
        made.netlink(links.add_address, index, ip_interface(f"{INSIDE[name]}/24"))
        made.netlink(links.change_link, index, up=True)
        client = Client(made, INSIDE[name], made.read().public_key)
        client.knows(self.gateway_key())
        return client

    def device(self) -> DeviceState | None:
        return self.gateway.host.within(self.gateway.door.read, INTERFACE)

    def peers(self) -> set[bytes]:
        device = self.device()
        assert device is not None
        return {one.public_key for one in device.peers}

    def tables(self) -> str:
        return self.world["gateway"].run(["nft", "list", "ruleset"]).stdout


@contextmanager
def site() -> Iterator[Site]:
    with World(PLAN) as world:
        folder = world.folder / "gateway"
        (folder / "run").mkdir(parents=True)
        papers = new_papers(folder, OUTSIDE["portal"])
        papers.own(AGENT.uid)
        for owned in (folder, folder / "run"):
            os.chown(owned, AGENT.uid, AGENT.uid)
        await_ready(start_wireguard_go_spawner(world["gateway"], AGENT.uid))
        with ScriptedPortal(papers, OUTSIDE["portal"], world["portal"]) as portal:
            config = folder / "gateway.toml"
            config.write_text(configuration(portal))
            yield Site(world, portal, papers, config, side(world["gateway"]))


def configuration(portal: ScriptedPortal) -> str:
    return f"""
[portal]
origin = "{portal.origin}"
authority = "portal-authority.pem"
certificate = "gateway.pem"
private-key = "gateway.key"

[interface]
name = "{INTERFACE}"
addresses = ["{INSIDE["gateway"]}/24"]
listen-port = {PORT}
private-key = "wireguard.key"
"""

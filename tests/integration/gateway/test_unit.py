"""The agent's unit in a booted Debian 12 and 13, with the distribution's own libraries; the test plays the portal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flexnetd.wireguard.kernel import kernel_has_wireguard
from tests.bed.await_ import until
from tests.bed.laptop import spawner
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.world.plan import HostPlan, Plan, Port, Segment
from tests.bed.world.world import CHECKOUT_HERE, World
from tests.integration.gateway.papers import Papers, new_papers
from tests.integration.gateway.scripted_portal import ScriptedPortal, peer
from tests.integration.gateway.site import INTERFACE, OUTSIDE, configuration

pytestmark = pytest.mark.nspawn

UNIT = "flexnet-gateway.service"
CONFIG = "/etc/flexnet-gateway"
SPAWNER_SOCKET = "/run/bed/wireguard-go.sock"
ALICE = b"a" * 32
WORST_EXPOSURE = 2.0
PLAN = Plan(
    (Segment("net"),),
    tuple(HostPlan(name, (Port("net", "eth0", (f"{OUTSIDE[name]}/24",)),)) for name in ("portal", "gateway")),
)
LAUNCHER = "#!/usr/bin/python3 -I\nimport sys\nfrom flexnetd.gateway.main import main\nsys.exit(main())\n"
INSTALL = """
cp -r --no-preserve=ownership /checkout/flexnetd /usr/lib/python3/dist-packages/
cp /checkout/systemd/flexnet-gateway.service /etc/systemd/system/
cp /checkout/systemd/sysusers/flexnet-gateway.conf /usr/lib/sysusers.d/
systemd-sysusers
"""


@dataclass
class Booted:
    machine: Machine
    portal: ScriptedPortal

    def start(self) -> None:
        if self.machine.run(["systemctl", "start", UNIT], check=False).returncode != 0:
            raise AssertionError(self.machine.journal(UNIT))

    def pid(self) -> str:
        return self.machine.run(["systemctl", "show", "--property=MainPID", "--value", UNIT]).stdout.strip()

    def served(self, revision: int) -> None:
        until(lambda: self.portal.confirmed(revision), what=f"revision {revision} being confirmed")

    def peers(self) -> str:
        return self.machine.run(["wg", "show", INTERFACE, "peers"], check=False).stdout

    def index(self) -> str:
        return self.machine.run(["ip", "-o", "link", "show", INTERFACE]).stdout.partition(":")[0]


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def place(request: pytest.FixtureRequest) -> Iterator[Booted]:
    with World(PLAN) as world:
        folder = world.folder / "papers"
        folder.mkdir()
        papers = new_papers(folder, OUTSIDE["portal"])
        shown = {str(CHECKOUT_HERE): "/checkout", str(Path(spawner.__file__)): "/run/bed/spawner.py"}
        network = f"/proc/{world['gateway'].pid}/ns/net"
        with (
            ScriptedPortal(papers, OUTSIDE["portal"], world["portal"]) as portal,
            booted(request.param, network=network, read_only=shown) as machine,
        ):
            install(machine, papers, portal)
            yield Booted(machine, portal)


def install(machine: Machine, papers: Papers, portal: ScriptedPortal) -> None:
    machine.run(["sh", "-ec", INSTALL])
    machine.write("/usr/bin/flexnet-gateway", LAUNCHER, 0o755)
    text = configuration(portal).replace('"wireguard.key"', '"/var/lib/flexnet-gateway/wireguard.key"')
    machine.write(f"{CONFIG}/gateway.toml", text)
    for file, mode in ((papers.portal_authority, 0o644), (papers.agent_certificate, 0o644), (papers.agent_key, 0o600)):
        machine.write(f"{CONFIG}/{file.name}", file.read_text(), mode)
    if not kernel_has_wireguard():
        offer_wireguard_go(machine)
    machine.run(["systemctl", "daemon-reload"])


def offer_wireguard_go(machine: Machine) -> None:
    uid = int(machine.run(["id", "-u", "flexnet-gateway"]).stdout)
    capability = "-all,+net_admin"
    identity = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    identity += [f"--inh-caps={capability}", f"--ambient-caps={capability}"]
    told = {"wireguard_go": {"socket": SPAWNER_SOCKET, "uid": uid, "identity": identity}}
    machine.write("/run/bed/spawner.json", json.dumps(told))
    command = "/usr/bin/python3 -I -S /run/bed/spawner.py /run/bed/spawner.json"
    machine.write("/etc/systemd/system/bed-wireguard-go.service", f"[Service]\nExecStart={command}\n")
    drop_in = f"[Service]\nEnvironment=FLEXNETD_WIREGUARD_GO={SPAWNER_SOCKET}\n"
    machine.write(f"/etc/systemd/system/{UNIT}.d/bed.conf", drop_in)
    machine.run(["systemctl", "daemon-reload"])
    machine.run(["systemctl", "start", "bed-wireguard-go.service"])
    until(lambda: machine.run(["test", "-S", SPAWNER_SOCKET], check=False).returncode == 0, what="the spawner")


def test_the_agent_runs_as_its_user_with_one_capability(place: Booted) -> None:
    place.start()
    status = place.machine.run(["cat", f"/proc/{place.pid()}/status"]).stdout
    uid = place.machine.run(["id", "-u", "flexnet-gateway"]).stdout.strip()
    net_admin = f"{1 << 12:016x}"
    assert re.search(rf"^Uid:\t{uid}\t{uid}\t{uid}\t{uid}$", status, re.MULTILINE)
    assert re.search(rf"^CapEff:\t{net_admin}$", status, re.MULTILINE)
    assert re.search(rf"^CapBnd:\t{net_admin}$", status, re.MULTILINE)


def test_a_restart_keeps_the_peers_with_the_portal_away(place: Booted) -> None:
    place.start()
    place.served(place.portal.says(peer(ALICE, "10.89.0.7", os.urandom(32))))
    before = (place.peers(), place.index())
    assert before[0]
    place.portal.closes()
    place.machine.run(["systemctl", "restart", UNIT])
    assert (place.peers(), place.index()) == before
    place.portal.opens()
    place.served(place.portal.says())
    assert place.peers() == ""


def test_a_killed_agent_is_followed_by_one_that_adopts(place: Booted) -> None:
    place.start()
    place.served(place.portal.says(peer(ALICE, "10.89.0.7", os.urandom(32))))
    before, index = place.pid(), place.index()
    place.machine.run(["kill", "-KILL", before])
    until(lambda: place.pid() not in {before, "0"}, what="systemd to start it again")
    place.served(place.portal.says(peer(ALICE, "10.89.0.7", os.urandom(32))))
    assert place.index() == index


def test_a_stop_takes_everything_down(place: Booted) -> None:
    place.start()
    place.machine.run(["systemctl", "stop", UNIT])
    looks = f"ip -br link show {INTERFACE}; nft list tables | grep flexnet; ls -d /run/flexnet-gateway"
    assert place.machine.run(["sh", "-c", looks], check=False).stdout == ""


def test_the_wireguard_key_is_the_agents_alone(place: Booted) -> None:
    place.start()
    told = place.machine.run(["stat", "-L", "-c", "%a %U", "/var/lib/flexnet-gateway/wireguard.key"]).stdout
    assert told == "600 flexnet-gateway\n"


def test_the_sandbox_is_tight(place: Booted) -> None:
    last = place.machine.run(["systemd-analyze", "security", "--no-pager", UNIT]).stdout.splitlines()[-1]
    assert float(re.findall(r"\d+\.\d+", last)[-1]) <= WORST_EXPOSURE, last

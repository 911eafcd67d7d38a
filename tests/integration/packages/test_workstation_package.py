"""The life of an installation on a booted Debian 12 and 13: apt installs our packages with the distribution's own
libraries, a person signs in, an upgrade comes in the middle of the session, and removal and purge leave nothing."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.machine import Machine
from tests.bed.nspawn.packages_built import apt_install, built, higher, install_packages, package_file, packages_of
from tests.bed.nspawn.workstation import Workstation, workstation
from tests.bed.operator.operator import AUTHORITY_FILE, PROFILE, Operator
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import PAGE_NAME, PAGES, operator_plan
from tests.bed.world.world import World

pytestmark = [pytest.mark.nspawn, pytest.mark.timeout(1200)]  # the first build makes its roots

PASSWORD = "Kirschbaum-im-Garten-7"
READ_PAGE = f"import urllib.request as r; print(r.urlopen('http://{PAGE_NAME}/', timeout=3).read().decode())"
FEWEST_PINGS = 50
LATER = "0.2.0"
LATER_FILE = "/var/tmp/later.deb"
KERNEL = "ip -br link | grep flexnet; ip route show table all proto 177; nft list tables | grep flexnetd"
THEIRS = "/home/alice/.config/flexnet/own.txt"
DATABASE = "/var/lib/flexnet-portal/portal.db"
ACCOUNTS = ["/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"]
UNITS = ["flexnetd.service", "flexnetd-worker.socket"]


class Place:
    """A workstation with our packages, and what its operator would bring."""

    def __init__(self, suite: str, workstation: Workstation, operator: Operator) -> None:
        self.suite = suite
        self.machine = workstation.machine
        self.key = workstation.key
        self._workstation = workstation
        self._operator = operator

    def install(self) -> None:
        """Nothing to do while it is installed."""
        if self.machine.run(["test", "-e", "/usr/bin/flexnetd"], check=False).returncode != 0:
            install_packages(self.machine, built(self.suite))
        self.machine.write(AUTHORITY_FILE, self._operator.portal.authority)
        self.machine.write(f"/etc/flexnetd/profiles.d/{PROFILE}.toml", self._operator.profile())
        self.machine.run(["systemctl", "reload-or-restart", "flexnetd"])

    def pid(self) -> str:
        return self._workstation.pid()

    def profile(self) -> dict[str, object]:
        """What `flexnet status` tells alice of the profile."""
        profiles = self._workstation.status()["profiles"]
        assert isinstance(profiles, list)
        (ours,) = [one for one in profiles if one["name"] == PROFILE]
        assert isinstance(ours, dict)
        return ours

    def end(self) -> int:
        """When alice's session ends, in seconds since the epoch."""
        details = self.profile()["details"]
        assert isinstance(details, dict)
        return int(details["ends_at"])

    def page(self) -> str:
        return self.machine.run_as("alice", ["python3", "-c", READ_PAGE], check=False).stdout.strip()


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def installed(request: pytest.FixtureRequest) -> Iterator[Place]:
    suite = request.param
    with (
        World(operator_plan()) as world,
        Operator(world) as operator,
        workstation(suite, world, operator, product=packages_of(suite), install=install_packages) as booted,
    ):
        secret = secrets.token_bytes(20)
        booted.key.program_hmac(2, secret)
        booted.key.auto_touch(0.05)
        operator.add_member("anna", PASSWORD, hmac_secret=secret)
        yield Place(suite, booted, operator)


@pytest.fixture
def place(installed: Place) -> Iterator[Place]:
    """Installed, and alice is logged in at the screen and signed in."""
    installed.install()
    with installed.machine.logged_in("alice"):
        told = installed.machine.run_as(
            "alice", ["flexnet", "sign-in", "--profile", PROFILE], given=f"anna\n{PASSWORD}\n"
        )
        assert "until" in told.stdout
        yield installed
    until(lambda: kernel_state(installed.machine) == [], 10, "the session to end with the person's logout")


@contextmanager
def pinging(machine: Machine) -> Iterator[list[str]]:
    """alice's ping through the tunnel meanwhile, two hundred a second; afterwards the list has what it said."""
    ping = ["setpriv", "--reuid=alice", "--clear-groups", "--inh-caps=+net_raw", "ping", "-i", "0.005", "-W", "1"]
    started = machine.popen(["sh", "-c", f"echo $$ >/run/ping.pid; exec {' '.join(ping)} {PAGES}"])
    said: list[str] = []
    try:
        until(lambda: machine.run(["test", "-s", "/run/ping.pid"], check=False).returncode == 0, 5, "ping to start")
        yield said
    finally:
        machine.run(["sh", "-c", "kill -INT $(cat /run/ping.pid); rm /run/ping.pid"])
        said.append(started.communicate(timeout=20)[0].decode())


def lost(said: str) -> set[int]:
    """The numbers of the pings before the last answered one that had no answer; those after it were still under way."""
    answered = {int(number) for number in re.findall(r"icmp_seq=(\d+)", said)}
    assert len(answered) >= FEWEST_PINGS, said
    return set(range(1, max(answered))) - answered


def hand_over(machine: Machine, file: Path, target: str) -> None:
    machine.run(["sh", "-c", f"base64 -d >{target}"], given=base64.b64encode(file.read_bytes()).decode())


def interface_index(machine: Machine) -> str:
    return machine.run(["ip", "-o", "link", "show", "flexnet0"]).stdout.partition(":")[0]


def names(machine: Machine) -> list[str]:
    """The profiles that the daemon has read without a fault."""
    told = json.loads(machine.run(["flexnet", "status", "--json"], check=False).stdout)
    assert told["health"] == []
    return sorted(one["name"] for one in told["profiles"])


def kernel_state(machine: Machine) -> list[str]:
    return machine.run(["sh", "-c", KERNEL], check=False).stdout.splitlines()


def our_files(machine: Machine) -> list[str]:
    """Everything that bears our names and is neither a person's, nor the bed's, nor a log."""
    elsewhere = ["/proc", "/sys", "/home", "/product", "/run/bed", "/var/log", "/tmp"]
    pruned = " -o ".join(f"-path {folder}" for folder in elsewhere)
    named = r"\( -name '*flexnet*' -o -name '*wgconfig*' \)"
    found = machine.run(["sh", "-c", rf"find / \( {pruned} \) -prune -o {named} -print"]).stdout.splitlines()
    return [path for path in found if not is_of_the_bed(machine, path)]


def is_of_the_bed(machine: Machine, path: str) -> bool:
    """A drop-in of the bed's, or the portal's database beside it."""
    if path.startswith("/var/lib/flexnet-portal"):
        return True
    return machine.run(["test", "-e", f"{path}/bed.conf"], check=False).returncode == 0


@pytest.mark.parametrize("unit", UNITS)
def test_what_apt_installed_is_enabled_and_runs(installed: Place, unit: str) -> None:
    installed.install()
    assert installed.machine.run(["systemctl", "is-enabled", unit]).stdout.strip() == "enabled"
    assert installed.machine.run(["systemctl", "is-active", unit]).stdout.strip() == "active"


def test_what_python_runs_is_compiled(installed: Place) -> None:
    installed.install()
    modules = "/usr/lib/python3/dist-packages/flexnetd"
    count = f"find {modules} -name '*.py' -size +0 | wc -l; find {modules} -name '*.pyc' | wc -l"
    sources, compiled = map(int, installed.machine.run(["sh", "-c", count]).stdout.split())
    assert compiled >= sources > 100


def test_an_operator_s_package_is_read_as_it_comes_and_goes(installed: Place) -> None:
    installed.install()
    example = package_file(built(installed.suite), "flexnet-profile-example").name
    apt_install(installed.machine, f"/product/{example}")
    until(lambda: names(installed.machine) == ["example", PROFILE], 5, "the example's profile to be read")
    installed.machine.run(["apt-get", "-y", "purge", "flexnet-profile-example"], timeout_s=120)
    until(lambda: names(installed.machine) == [PROFILE], 5, "the example's profile to be gone")


def test_a_person_signs_in_and_opens_the_page(place: Place) -> None:
    assert place.profile()["state"] == "online"
    assert place.page() == PAGE_TEXT


def test_an_upgrade_keeps_the_session_and_loses_no_packet(place: Place, tmp_path: Path) -> None:
    later = higher(package_file(built(place.suite), "flexnetd"), LATER, tmp_path)
    hand_over(place.machine, later, LATER_FILE)
    pid, index, end = place.pid(), interface_index(place.machine), place.end()
    with pinging(place.machine) as said:
        apt_install(place.machine, LATER_FILE)
    assert lost(said[0]) == set()
    assert place.pid() not in {pid, "0"}
    assert LATER in place.machine.run(["flexnet", "status", "--json"], check=False).stdout
    assert (interface_index(place.machine), place.end()) == (index, end)
    assert place.profile()["state"] == "online"
    assert place.page() == PAGE_TEXT


def test_removal_and_purge_leave_nothing_of_ours_and_everything_of_theirs(place: Place) -> None:
    place.machine.write(THEIRS, "own")
    place.machine.write(DATABASE, "members")
    apt = ["apt-get", "-y", "-o", "Dpkg::Use-Pty=0"]
    place.machine.run([*apt, "remove", "flexnetd"], timeout_s=120)
    assert kernel_state(place.machine) == []
    assert place.machine.run(["test", "-e", "/run/flexnetd"], check=False).returncode != 0
    assert place.machine.run(["test", "-e", f"/etc/flexnetd/profiles.d/{PROFILE}.toml"]).returncode == 0
    place.machine.run([*apt, "purge", "flexnetd", "python3-wgconfig"], timeout_s=120)
    assert our_files(place.machine) == []
    assert place.machine.run(["grep", "flexnet", *ACCOUNTS], check=False).stdout == ""
    assert place.machine.run(["cat", THEIRS, DATABASE]).stdout == "ownmembers"


def test_what_was_purged_can_be_installed_again(installed: Place) -> None:
    installed.install()
    installed.machine.run(["apt-get", "-y", "purge", "flexnetd", "python3-wgconfig"], timeout_s=120)
    installed.install()
    until(lambda: names(installed.machine) == [PROFILE], 5, "the profile to be read")

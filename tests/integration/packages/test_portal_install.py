"""The portal on a booted Debian 12 and 13: installed by its one command, with the distribution's Python, offline."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.packages_built import CHECKOUT
from tests.bed.nspawn.packages_portal import later_release, portal_archive, portal_wheels, unpacked

pytestmark = [pytest.mark.nspawn, pytest.mark.timeout(1200)]  # the first build makes its roots

PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
ORIGIN = "https://portal.example"
SETUP = ["setup", "--origin", ORIGIN, "--operator", "KV Beispiel", "--telephone", "+49 391 1234567"]
SETUP += ["--pool", "10.64.0.0/16", "--prefix", "10.91.0.0/16"]
STATE = "/var/lib/flexnet-portal"
PORTAL = "/usr/local/sbin/flexnet-portal"
ADMIN = "/usr/local/sbin/flexnet-admin"
INSTALL = ["/installer/install", "--wheels", "/wheels"]
DISCOVER = (
    "import ssl, urllib.request as r;"
    f"context = ssl.create_default_context(cafile='{STATE}/portal-ca.pem');"
    f"print(r.urlopen('{ORIGIN}/.well-known/flexnet', context=context, timeout=5).read().decode())"
)
WORST_EXPOSURE = 2.0


@pytest.fixture(scope="module", params=PYTHONS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Path]]:
    """A machine whose portal is installed, set up and serving; and the folder of its installer, bound at /installer."""
    installer = unpacked(portal_archive(), tmp_path_factory.mktemp("installer"))
    shown = {str(installer): "/installer", str(portal_wheels(PYTHONS[request.param])): "/wheels"}
    with booted(request.param, read_only=shown, packages=("python3-venv",)) as machine:
        machine.run(["ip", "link", "set", "lo", "up"])
        machine.run(["sh", "-c", "echo 127.0.0.1 portal.example >>/etc/hosts"])
        machine.run(INSTALL, timeout_s=200)
        machine.run([PORTAL, *SETUP])
        machine.run(["systemctl", "start", "flexnet-portal"])
        await_serving(machine, 1)
        yield machine, installer


@pytest.fixture
def machine(place: tuple[Machine, Path]) -> Machine:
    return place[0]


def await_serving(machine: Machine, times: int) -> None:
    until(lambda: machine.journal("flexnet-portal").count("ready:") == times, 30, "the portal to serve")


def test_it_serves_as_a_user_without_rights(machine: Machine) -> None:
    assert "KV Beispiel" in machine.run(["python3", "-c", DISCOVER]).stdout
    pid = machine.run(["systemctl", "show", "--property=MainPID", "--value", "flexnet-portal"]).stdout.strip()
    assert machine.run(["stat", "-c", "%U", f"/proc/{pid}"]).stdout.strip() == "flexnet-portal"


def test_the_sandbox_is_tight(machine: Machine) -> None:
    last = machine.run(["systemd-analyze", "security", "--no-pager", "flexnet-portal"]).stdout.splitlines()[-1]
    assert float(re.findall(r"\d+\.\d+", last)[-1]) <= WORST_EXPOSURE, last


def test_what_the_operator_s_commands_make_belongs_to_the_portal(machine: Machine) -> None:
    assert "nothing is wrong" in machine.run([PORTAL, "check"]).stdout
    machine.run([ADMIN, "user", "add", "weber"])
    strangers = machine.run(["find", STATE, "!", "-user", "flexnet-portal"]).stdout
    assert strangers == ""
    assert machine.run(["stat", "-c", "%a", STATE]).stdout.strip() == "700"


def test_a_later_release_serves_the_same_database(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    before = machine.run(["readlink", "/opt/flexnet-portal/current"]).stdout
    machine.run([ADMIN, "user", "add", "krause"])
    later_release(installer)
    machine.run(INSTALL, timeout_s=200)
    await_serving(machine, 2)
    assert machine.run(["readlink", "/opt/flexnet-portal/current"]).stdout != before
    assert machine.run([ADMIN, "user", "add", "krause"], check=False).returncode == 1
    assert len(machine.run(["ls", "/opt/flexnet-portal/releases"]).stdout.split()) == 2


def test_a_damaged_archive_changes_nothing(place: tuple[Machine, Path]) -> None:
    machine, installer = place
    readme = installer / "README.md"
    whole = readme.read_bytes()
    readme.write_bytes(whole + b"?")
    done = machine.run(INSTALL, check=False)
    readme.write_bytes(whole)
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert "KV Beispiel" in machine.run(["python3", "-c", DISCOVER]).stdout


def test_the_lock_is_of_what_the_program_says_it_needs() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    lines = (CHECKOUT / "packaging/portal/requirements.in").read_text().splitlines()
    listed = {line for line in lines if line and not line.startswith("#")}
    assert set(project["optional-dependencies"]["portal"]) <= listed


def test_the_lock_names_no_registry() -> None:
    assert not re.search(
        r"https?://|--(extra-)?index-url|--find-links", (CHECKOUT / "packaging/portal/requirements.txt").read_text()
    )

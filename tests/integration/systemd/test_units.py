"""Our units in a booted Debian 12 and 13, with the distribution's own libraries."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.product import install, installed_files

pytestmark = pytest.mark.nspawn

UNITS = ["flexnetd.service", "flexnetd-worker@x.service", "flexnetd-recover.service"]
WORST_EXPOSURE = 2.0


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def laptop(request: pytest.FixtureRequest) -> Iterator[Machine]:
    with installed_files() as files, booted(request.param, read_only={str(files): "/product"}) as machine:
        install(machine, files)
        yield machine


def main_pid(laptop: Machine) -> str:
    return laptop.run(["systemctl", "show", "--property=MainPID", "--value", "flexnetd"]).stdout.strip()


def test_the_daemon_runs_as_its_user_with_one_capability(laptop: Machine) -> None:
    status = laptop.run(["cat", f"/proc/{main_pid(laptop)}/status"]).stdout
    uid = laptop.run(["id", "-u", "flexnetd"]).stdout.strip()
    net_admin = f"{1 << 12:016x}"
    assert re.search(rf"^Uid:\t{uid}\t{uid}\t{uid}\t{uid}$", status, re.MULTILINE)
    assert re.search(rf"^CapEff:\t{net_admin}$", status, re.MULTILINE)
    assert re.search(rf"^CapBnd:\t{net_admin}$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS)
def test_the_sandbox_is_tight(laptop: Machine, unit: str) -> None:
    last = laptop.run(["systemd-analyze", "security", "--no-pager", unit]).stdout.splitlines()[-1]
    exposure = float(re.findall(r"\d+\.\d+", last)[-1])
    assert exposure <= WORST_EXPOSURE, last


def test_the_status_is_readable_by_everybody_and_asks_nobody(laptop: Machine) -> None:
    done = laptop.run_as("bob", ["flexnet", "status", "--json"], seat="", check=False)
    assert done.stdout.startswith("{"), done.stderr


def test_the_bus_starts_the_daemon_when_it_is_asked(laptop: Machine) -> None:
    laptop.run(["systemctl", "stop", "flexnetd"])
    laptop.run_as("alice", ["flexnet", "status", "--json"], check=False)
    assert laptop.run(["systemctl", "is-active", "flexnetd"], check=False).stdout.strip() == "active"


def test_the_worker_starts_with_a_connection_and_ends_with_it(laptop: Machine) -> None:
    asks = (
        "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/flexnetd/worker.sock');"
        "s.sendall(b'nonsense\\n'); s.shutdown(socket.SHUT_WR); print(s.makefile().read())"
    )
    told = laptop.run(["setpriv", "--reuid=flexnetd", "--clear-groups", "python3", "-c", asks]).stdout
    assert "FN-" in told


def test_the_worker_answers_nobody_but_the_daemon(laptop: Machine) -> None:
    asks = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/flexnetd/worker.sock')"
    done = laptop.run(["setpriv", "--reuid=alice", "--clear-groups", "python3", "-c", asks], check=False)
    assert "PermissionError" in done.stderr


def test_a_daemon_that_dies_is_started_again(laptop: Machine) -> None:
    before = main_pid(laptop)
    laptop.run(["kill", "-KILL", before])
    laptop.run(["sh", "-c", "until systemctl is-active --quiet flexnetd; do :; done"], timeout_s=20)
    assert main_pid(laptop) != before

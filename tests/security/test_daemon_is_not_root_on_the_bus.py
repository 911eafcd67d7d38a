"""uid 0 on the system bus may ask systemd to run anything, whatever the sandbox. From inside the daemon's unit,
nothing of that may work: neither systemd, nor logind's power actions, nor another user's rights by polkit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.product import install, installed_files

pytestmark = pytest.mark.nspawn

AS_THE_DAEMON = [
    *("systemd-run", "--quiet", "--wait", "--pipe", "--collect"),
    *("-p", "User=flexnetd", "-p", "AmbientCapabilities=CAP_NET_ADMIN", "-p", "CapabilityBoundingSet=CAP_NET_ADMIN"),
]
SYSTEMD = [
    "busctl",
    "call",
    "org.freedesktop.systemd1",
    "/org/freedesktop/systemd1",
    "org.freedesktop.systemd1.Manager",
]
LOGIND = ["busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"]


@pytest.fixture(scope="module")
def laptop() -> Iterator[Machine]:
    with installed_files() as files, booted("bookworm", read_only={str(files): "/product"}) as machine:
        install(machine, files)
        yield machine


@pytest.mark.parametrize(
    "call",
    [
        [*SYSTEMD, "StartUnit", "ss", "rescue.target", "replace"],
        [*SYSTEMD, "StopUnit", "ss", "systemd-logind.service", "replace"],
        [*SYSTEMD, "StartTransientUnit", "ssa(sv)a(sa(sv))", "x.service", "fail", "0", "0"],
        [*SYSTEMD, "SetEnvironment", "as", "1", "LD_PRELOAD=/tmp/x.so"],
        [*LOGIND, "PowerOff", "b", "false"],
        [*LOGIND, "Reboot", "b", "false"],
    ],
    ids=lambda call: " ".join(call[5:6]),
)
def test_from_inside_the_unit_nothing_of_the_machine_can_be_driven(laptop: Machine, call: list[str]) -> None:
    done = laptop.run([*AS_THE_DAEMON, *call], check=False)
    assert done.returncode != 0
    assert "authentication" in done.stderr.lower() or "denied" in done.stderr.lower(), done.stderr


def test_root_could_so_the_test_can_fail(laptop: Machine) -> None:
    assert laptop.run([*SYSTEMD, "SetEnvironment", "as", "1", "HARMLESS=1"]).returncode == 0

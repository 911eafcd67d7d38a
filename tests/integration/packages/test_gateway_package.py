"""The gateway's package on a booted Debian 12 and 13: it stands alone, without the workstation's."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.packages_built import CHECKOUT, apt_install, built, new_packages, package_file

pytestmark = [pytest.mark.nspawn, pytest.mark.timeout(1200)]  # the first build makes its roots

UNIT = "flexnet-gateway.service"
CONFIG = "/etc/flexnet-gateway/gateway.toml"
WIREGUARD_KEY = "/var/lib/flexnet-gateway/wireguard.key"
AS_AGENT = ["setpriv", "--reuid=flexnet-gateway", "--regid=flexnet-gateway", "--clear-groups"]
WORST_EXPOSURE = 2.0


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def gateway(request: pytest.FixtureRequest) -> Iterator[tuple[Machine, str]]:
    """The machine with the agent installed, and what apt said about it."""
    folder = built(request.param)
    with booted(request.param, read_only={str(folder): "/product"}) as machine:
        said = apt_install(machine, f"/product/{package_file(folder, 'flexnet-gateway').name}")
        yield machine, said


@pytest.fixture
def machine(gateway: tuple[Machine, str]) -> Machine:
    return gateway[0]


def test_it_needs_nothing_else_of_ours(gateway: tuple[Machine, str]) -> None:
    assert new_packages(gateway[1]) == {"flexnet-gateway"}


def test_it_is_enabled_and_waits_for_its_configuration(machine: Machine) -> None:
    assert machine.run(["systemctl", "is-enabled", UNIT]).stdout.strip() == "enabled"
    assert machine.run(["systemctl", "is-active", UNIT], check=False).stdout.strip() == "inactive"


def test_the_sandbox_is_tight(machine: Machine) -> None:
    last = machine.run(["systemd-analyze", "security", "--no-pager", UNIT]).stdout.splitlines()[-1]
    assert float(re.findall(r"\d+\.\d+", last)[-1]) <= WORST_EXPOSURE, last


def test_it_runs_with_the_distribution_s_libraries_and_purges_clean(machine: Machine) -> None:
    machine.write(CONFIG, (CHECKOUT / "debian/gateway.toml").read_text())
    told = machine.run(["flexnet-gateway", "public-key"]).stdout
    assert len(base64.b64decode(told)) == 32
    assert machine.run(["stat", "-c", "%a %U", WIREGUARD_KEY]).stdout.strip() == "600 flexnet-gateway"
    assert machine.run([*AS_AGENT, "flexnet-gateway", "public-key"]).stdout == told
    machine.run(["apt-get", "-y", "purge", "flexnet-gateway"], timeout_s=120)
    named = "find / -path /proc -prune -o -path /sys -prune -o -path /product -prune -o -name '*flexnet*' -print"
    assert machine.run(["sh", "-c", named]).stdout == ""
    assert machine.run(["grep", "flexnet", "/etc/passwd", "/etc/group"], check=False).stdout == ""

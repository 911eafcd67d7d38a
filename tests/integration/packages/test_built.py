"""What the build made, judged from outside."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import flexnetd
from flexnetd.gateway.config_file import config_from_text
from tests.bed.nspawn.packages_built import CHECKOUT, built, package_file

pytestmark = pytest.mark.nspawn

PACKAGES = {"flexnetd", "flexnet-gateway", "flexnet-profile-example", "python3-wgconfig"}


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def folder(request: pytest.FixtureRequest) -> Path:
    return built(request.param)


def contents(package: Path) -> list[str]:
    return subprocess.run(
        ["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_every_package_is_there_and_lintian_found_no_error(folder: Path) -> None:
    assert {file.name.partition("_")[0] for file in folder.glob("*.deb")} == PACKAGES
    assert re.findall(r"(?m)^E:.*", (folder / "lintian.log").read_text()) == []


def test_the_version_is_the_program_s_and_names_the_suite(folder: Path) -> None:
    suite = {"bookworm": "deb12", "trixie": "deb13"}[folder.name]
    assert package_file(folder, "flexnetd").name == f"flexnetd_{flexnetd.__version__}~{suite}_all.deb"


def test_nothing_of_the_operator_s_is_in_the_workstation_s_package(folder: Path) -> None:
    listed = "\n".join(contents(package_file(folder, "flexnetd")))
    assert "/flexnetd/daemon/" in listed
    assert not re.search(r"/flexnetd/(portal|gateway)/", listed)


def test_the_gateway_s_package_has_neither_daemon_nor_bus_policy(folder: Path) -> None:
    listed = "\n".join(contents(package_file(folder, "flexnet-gateway")))
    assert "/flexnetd/gateway/" in listed
    assert not re.search(r"/flexnetd/(daemon|worker|portal)/|dbus|polkit", listed)


def test_the_gateway_s_example_is_a_configuration() -> None:
    file = CHECKOUT / "debian/gateway.toml"
    assert config_from_text(file.read_text(), Path("/etc/flexnet-gateway/gateway.toml")).interface.listen_port == 51820

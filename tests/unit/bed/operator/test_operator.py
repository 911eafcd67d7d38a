"""The operator of the bed is there: a portal that answers over TLS, gateways that hold what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexnetd.model.fault import Fault
from flexnetd.model.profile_file import read_profile
from tests.bed.await_ import until
from tests.bed.operator import gateway as gateways
from tests.bed.operator import portal as portals
from tests.bed.operator.operator import AUTHORITY_FILE, PROFILE, Operator
from tests.bed.world.operator_plan import GATEWAY, GATEWAY2, PAGES, PORTAL, PORTAL_NAME, operator_plan
from tests.bed.world.process import Identity
from tests.bed.world.world import World

pytestmark = pytest.mark.world


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(operator_plan()) as world:
        yield world


@pytest.fixture(scope="module")
def operator(world: World) -> Iterator[Operator]:
    with Operator(world, gateways=("gateway", "gateway2")) as operator:
        operator.add_member("anna", "a long password", hmac_secret=bytes(20))
        yield operator


def test_the_portal_answers_whoever_trusts_its_authority(world: World, operator: Operator) -> None:
    world["laptop"].write_files({"/run/bed/authority.pem": operator.portal.authority})
    resolve = f"{PORTAL_NAME}:443:{PORTAL}"
    url = f"{portals.ORIGIN}/.well-known/flexnet"
    command = ["curl", "--silent", "--show-error", "--resolve", resolve, url]
    told = json.loads(world["laptop"].run([*command, "--cacert", "/run/bed/authority.pem"]).stdout)
    assert told["operator"]["de"] == "KV Beispiel"
    assert world["laptop"].run(command, check=False).returncode == 60


def test_portal_and_gateway_have_only_the_rights_that_they_need(operator: Operator) -> None:
    for pid, uid, capabilities in (
        (operator.portal.program.pid, portals.UID, 1 << 10),
        (operator.gateway.program.pid, gateways.UID, 1 << 12),
    ):
        status = Path(f"/proc/{pid}/status").read_text()
        assert f"Uid:\t{uid}\t" in status
        for kind in ("CapEff", "CapBnd", "CapAmb"):
            assert f"{kind}:\t{capabilities:016x}\n" in status


def test_the_portal_hears_from_every_gateway(operator: Operator) -> None:
    def all_heard() -> bool:
        (lines,) = operator.portal.administer(["gateway", "list"])
        return len(lines) == 2 and not any("never seen" in line for line in lines)

    until(all_heard, 15, "the portal to hear from both gateways")


def test_a_refused_command_of_the_administration_raises_its_fault(operator: Operator) -> None:
    with pytest.raises(Fault, match="FN-705"):
        operator.portal.administer(["user", "add", "anna"])


def test_the_profile_is_one_that_the_product_reads(operator: Operator) -> None:
    profile = read_profile(operator.profile(), f"/etc/flexnetd/profiles.d/{PROFILE}.toml")
    assert profile.portal_origin == portals.ORIGIN
    assert profile.trust.ca_file == AUTHORITY_FILE
    assert {str(gateway) for gateway in profile.ceiling.gateways} == {one.endpoint for one in operator.gateways}


def test_the_portals_files_are_its_own(world: World, operator: Operator) -> None:
    command = ["cat", str(operator.portal.folder / "grant.key")]
    assert world["portal"].run(command, identity=Identity(70001), check=False).returncode != 0


def test_clients_of_either_gateway_reach_the_intranet_and_hear_back(world: World, operator: Operator) -> None:
    for gateway in operator.gateways:
        address = "10.89.0.1" if gateway.name == "gateway" else "10.89.0.2"
        world[gateway.name].run(["ping", "-c1", "-W2", "-I", address, PAGES])


def test_a_portal_that_was_stopped_starts_again(world: World, operator: Operator) -> None:
    operator.portal.stop()
    assert not world["portal"].listens(443)
    operator.portal.start()
    assert world["portal"].listens(443)


def test_a_gateway_that_is_stopped_takes_its_interface_down(world: World, operator: Operator) -> None:
    gateway = operator.gateways[1]
    gateway.stop()
    assert gateways.INTERFACE not in world[gateway.name].run(["ip", "-o", "link"]).stdout
    gateway.start()
    assert gateway.peers() == set()


def test_gateways_are_reached_from_the_laptop(world: World) -> None:
    for address in (GATEWAY, GATEWAY2):
        world["laptop"].run(["ping", "-c1", "-W2", address])

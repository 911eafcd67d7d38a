"""A FIDO2 key in a booted Debian 12 and 13: the worker in its unit's sandbox, with the distribution's python-fido2."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.bed.nspawn.workstation import Workstation, workstation
from tests.bed.operator.operator import Operator
from tests.bed.world.operator_plan import PORTAL_NAME, operator_plan
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey

pytestmark = pytest.mark.nspawn

PASSWORD = "Kirschbaum-im-Garten-7"


def credential(key: PluggedKey) -> str:
    random = [base64.b64encode(os.urandom(n)).decode() for n in (32, 16)]
    made = subprocess.run(
        ["fido2-cred", "-M", "/dev/hidraw20"],
        input=f"{random[0]}\n{PORTAL_NAME}\nfiona\n{random[1]}\n",
        env=os.environ | key.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return made.stdout


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def place(request: pytest.FixtureRequest) -> Iterator[Workstation]:
    with (
        World(operator_plan()) as world,
        Operator(world) as operator,
        workstation(request.param, world, operator) as place,
    ):
        place.key.auto_touch(0.05)
        operator.add_member("fiona", PASSWORD, fido2=credential(place.key))
        yield place


def test_a_touch_and_then_the_pin_open_the_network(place: Workstation) -> None:
    sign_in = ["flexnet", "sign-in", "--factor", "fido2"]
    with place.machine.logged_in("alice"):
        done = place.machine.run_as("alice", sign_in, given=f"fiona\n{PASSWORD}\n")
        assert "until" in done.stdout
        place.machine.run_as("alice", ["flexnet", "sign-out"])
        place.key.set_pin("1234")
        place.key.always_verify()
        wrong = place.machine.run_as("alice", sign_in, given=f"fiona\n{PASSWORD}\n4321\n", check=False)
        assert "FN-313" in wrong.stderr
        done = place.machine.run_as("alice", sign_in, given=f"fiona\n{PASSWORD}\n1234\n")
        assert "until" in done.stdout
        place.machine.run_as("alice", ["flexnet", "sign-out"])

"""A member with a FIDO2 key at a workstation: the command line, the daemon, the worker, the portal, the tunnel."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.bed.laptop.accounts import ALICE, WORKER
from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.operator import Operator
from tests.bed.world.operator_plan import PAGE_NAME, PORTAL_NAME, operator_plan
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.world


@dataclass
class Place:
    laptop: Laptop
    key: PluggedKey

    def flexnet(self, *words: str, typed: str) -> subprocess.CompletedProcess[str]:
        return self.laptop.flexnet(ALICE, *words, stdin=typed, check=False)

    def page(self) -> str:
        got = self.laptop.run_as(ALICE, ["curl", "-sS", "-m", "5", f"http://{PAGE_NAME}/"], check=False)
        return got.stdout.strip()


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


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with (
        World(operator_plan()) as world,
        Operator(world) as operator,
        Laptop(world) as laptop,
        PluggedKey.plugged_in(mode=0o660, group=WORKER.uid, fido=True) as key,
    ):
        key.auto_touch(0.05)
        operator.add_member("fiona", PASSWORD, fido2=credential(key))
        operator.provision(laptop)
        laptop.set_worker_environment(key.environment)
        laptop.daemon.start()
        yield Place(laptop, key)


def test_a_touch_opens_the_network_and_extends_the_session(place: Place) -> None:
    done = place.flexnet("sign-in", "--factor", "fido2", typed=f"fiona\n{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert place.page() != ""
    assert place.flexnet("renew", typed="").returncode == 0, "with the factor of the sign-in"
    assert place.flexnet("sign-out", typed="").returncode == 0
    assert place.laptop.leftovers() == []


def test_a_pin_is_asked_for_when_the_key_wants_it(place: Place) -> None:
    place.key.set_pin("1234")
    place.key.always_verify()
    wrong = place.flexnet("sign-in", "--factor", "fido2", typed=f"fiona\n{PASSWORD}\n4321\n")
    assert wrong.returncode == 5
    assert "FN-313" in wrong.stderr
    assert "7" in wrong.stderr
    assert place.page() == ""
    done = place.flexnet("sign-in", "--factor", "fido2", typed=f"fiona\n{PASSWORD}\n1234\n")
    assert done.returncode == 0, done.stderr
    renewed = place.flexnet("renew", typed="1234\n")
    assert renewed.returncode == 0, renewed.stderr
    assert place.flexnet("sign-out", typed="").returncode == 0


def test_the_pin_is_in_no_log(place: Place) -> None:
    pin = "5-unmistakable-pin"
    place.flexnet("sign-in", "--factor", "fido2", typed=f"fiona\n{PASSWORD}\n{pin}\n")
    assert pin not in place.laptop.daemon.program.log_text()

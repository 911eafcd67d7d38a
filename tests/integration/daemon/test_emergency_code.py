"""A member whose key is lost, at a workstation: the helpdesk's code instead of the key, once."""

from __future__ import annotations

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.laptop import Laptop
from tests.bed.operator.operator import PROFILE, Operator
from tests.bed.world.operator_plan import PAGE_NAME, operator_plan
from tests.bed.world.world import World

PASSWORD = "correct horse battery staple"

pytestmark = pytest.mark.world


def test_an_emergency_code_opens_the_network_once() -> None:
    with World(operator_plan()) as world, Operator(world) as operator, Laptop(world) as laptop:
        operator.portal.stop()
        written = operator.portal.config.read_text().replace("factors = [", 'factors = ["emergency-code", ')
        operator.portal.config.write_text(written)
        operator.portal.start()
        operator.add_member("anna", PASSWORD, hmac_secret=bytes(range(20)))
        operator.provision(laptop)
        laptop.write_profile(PROFILE, operator.profile(weakest_factor="emergency-code"))
        laptop.daemon.start()
        (told,) = operator.portal.administer(["key", "emergency-code", "anna"])
        code = told[1].removeprefix("emergency code ")

        def sign_in() -> tuple[int, str]:
            typed = f"anna\n{PASSWORD}\n{code.lower()}\n"
            done = laptop.flexnet(ALICE, "sign-in", "--factor", "emergency-code", stdin=typed, check=False)
            return done.returncode, done.stderr

        assert sign_in()[0] == 0
        page = laptop.run_as(ALICE, ["curl", "-sS", "-m", "5", f"http://{PAGE_NAME}/"], check=False)
        assert page.stdout.strip() != ""
        laptop.flexnet(ALICE, "sign-out")
        status, said = sign_in()
        assert status != 0
        assert "FN-202" in said

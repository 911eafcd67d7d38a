"""In a company's network that lets names and pages through and no other datagram: the person is told that UDP does not
get through and what to do, in good time and on a clean machine."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.bed.world.homes import udp_blocking_plan
from tests.bed.world.operator_plan import GATEWAY_NAME
from tests.integration.daemon.member import PASSWORD, USERNAME, Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

NAMED_WITHIN_S = 15.0


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation(udp_blocking_plan()) as member:
        yield member


def test_that_udp_is_blocked_is_named(member: Member, alice: Person) -> None:
    began = time.monotonic()
    assert member.sign_in(alice) == "FN-512"
    assert time.monotonic() - began < NAMED_WITHIN_S
    assert alice.state(PROFILE) == "signed-out"
    assert member.laptop.leftovers() == []


def test_the_command_says_what_to_do(member: Member) -> None:
    answers = f"{USERNAME}\n{PASSWORD}\n"
    done = member.laptop.flexnet(ALICE, "sign-in", "--factor", "yubikey-hmac", stdin=answers, check=False)
    assert "let no UDP through" in done.stderr
    assert "UDP to port 51820" in done.stderr
    assert GATEWAY_NAME in done.stderr

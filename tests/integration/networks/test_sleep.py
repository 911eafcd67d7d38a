"""A lid is closed: for a coffee break, after which the session goes on, and until its end has passed, after which it is
over at once. Asleep means that nothing of the daemon runs, the cable is out and the router forgets the connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bed.await_ import until
from tests.bed.faults.stopped import standing_still
from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE, Operator
from tests.bed.operator.portal import QUICK_PASSWORDS
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.world import World
from tests.integration.daemon.member import USERNAME, Member, member_at
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

SESSION_S = 20
SHORT_SESSIONS = f"\n[sessions]\nlength-s = {SESSION_S}\ntotal-s = {SESSION_S}\n"
OVER_WITHIN_S = 5.0


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with (
        World(operator_plan()) as world,
        Operator(world, more_config=QUICK_PASSWORDS + SHORT_SESSIONS) as operator,
        member_at(world, operator, "laptop", USERNAME) as member,
    ):
        yield member


@contextmanager
def asleep(member: Member) -> Iterator[None]:
    """Awake, it has the cable in again."""
    member.laptop.logind.sleep()
    with standing_still(member.laptop.daemon.program):
        member.world.unplug("laptop")
        member.world["router"].run(["conntrack", "-F"])
        yield
        member.world.plug("laptop")
    member.laptop.logind.wake()


def test_after_a_short_sleep_the_session_goes_on(member: Member, online: Person) -> None:
    before = member.details(online)
    with asleep(member):
        pass
    until(lambda: member.page() == PAGE_TEXT, 10, "the page")
    online.await_state(PROFILE, "online")
    after = member.details(online)
    assert (after["addresses"], after["ends_at"]) == (before["addresses"], before["ends_at"])


def test_after_a_sleep_past_its_end_the_session_is_over_at_once_and_nothing_is_left(
    member: Member, online: Person
) -> None:
    ends_at = member.details(online)["ends_at"]
    assert isinstance(ends_at, int)
    with asleep(member):
        until(lambda: time.time() > ends_at + 1, SESSION_S + 5, "the session's end")
    with Person(member.laptop, ALICE) as alice:
        alice.await_state(PROFILE, "signed-out", within_s=OVER_WITHIN_S)
        assert alice.reason(PROFILE) == "FN-215"
    assert member.laptop.leftovers() == []
    until(lambda: member.operator.gateway.peers() == set(), 10, "the gateway without the peer")

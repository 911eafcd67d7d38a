"""Two members at two workstations behind one NAT, at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE, Operator
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.homes import two_laptops_plan
from tests.bed.world.world import World
from tests.integration.daemon.member import Member, member_at
from tests.integration.daemon.person import Person
from tests.integration.networks.conftest import stop_clean

pytestmark = pytest.mark.world


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Member, Member]]:
    with (
        World(two_laptops_plan()) as world,
        Operator(world) as operator,
        member_at(world, operator, "laptop", "anna", serial=11) as anna,
        member_at(world, operator, "laptop2", "ben", serial=22) as ben,
    ):
        yield anna, ben


def test_each_has_an_address_of_its_own_and_neither_minds_the_other(both: tuple[Member, Member]) -> None:
    anna, ben = both
    for member in both:
        member.laptop.daemon.start()
    with Person(anna.laptop, ALICE) as at_annas, Person(ben.laptop, ALICE) as at_bens:
        assert anna.sign_in(at_annas, username="anna") == ""
        assert ben.sign_in(at_bens, username="ben") == ""
        assert anna.page() == ben.page() == PAGE_TEXT
        assert anna.details(at_annas)["addresses"] != ben.details(at_bens)["addresses"]
        assert len(anna.operator.gateway.peers()) == 2
        at_annas.disconnect(PROFILE)
        assert anna.page() == ""
        assert ben.page() == PAGE_TEXT
        assert at_bens.state(PROFILE) == "online"
    for member in both:
        stop_clean(member)

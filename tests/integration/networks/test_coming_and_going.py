"""The network goes away and comes back, the machine sleeps: the session waits and goes on, with its address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import GATEWAY_NAME
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        yield member


@pytest.fixture
def plugged(place: Member) -> Iterator[None]:
    """Whatever the test does to the cable, it is in afterwards."""
    yield
    place.world.unplug("laptop")
    place.world.plug("laptop")


@pytest.mark.usefixtures("plugged")
def test_without_a_cable_the_session_waits_and_says_why(member: Member, online: Person) -> None:
    member.world.unplug("laptop")
    online.await_state(PROFILE, "waiting")
    assert online.reason(PROFILE) == "FN-108"
    assert member.page() == ""


@pytest.mark.usefixtures("plugged")
def test_with_the_cable_back_the_session_goes_on_with_its_address(member: Member, online: Person) -> None:
    before = member.details(online)
    member.world.unplug("laptop")
    online.await_state(PROFILE, "waiting")
    member.world.plug("laptop")
    online.await_state(PROFILE, "online")
    after = member.details(online)
    assert after["addresses"] == before["addresses"]
    assert after["ends_at"] == before["ends_at"]
    assert member.page() == PAGE_TEXT
    assert online.states_told(PROFILE)[-3:] == ["waiting", "reconnecting", "online"]


@pytest.mark.usefixtures("plugged")
def test_a_cable_that_is_back_at_once_costs_nothing(member: Member, online: Person) -> None:
    member.world.unplug("laptop")
    member.world.plug("laptop")
    until(lambda: member.page() == PAGE_TEXT, 10, "the page")
    assert online.await_state(PROFILE, "online") == "online"


@pytest.mark.usefixtures("plugged")
def test_signing_in_without_any_network_is_named_at_once(member: Member, alice: Person) -> None:
    member.world.unplug("laptop")
    assert member.sign_in(alice, within_s=10) == "FN-108"
    assert member.laptop.leftovers() == []


@pytest.mark.usefixtures("plugged")
def test_signing_out_without_a_network_is_quick_and_clean(member: Member, online: Person) -> None:
    member.world.unplug("laptop")
    online.await_state(PROFILE, "waiting")
    online.disconnect(PROFILE)
    assert online.state(PROFILE) == "signed-out"
    assert member.laptop.leftovers() == []


def test_a_machine_that_slept_where_it_is_goes_on(member: Member, online: Person) -> None:
    address = member.details(online)["addresses"]
    member.laptop.logind.sleep()
    member.laptop.logind.wake()
    assert member.page() == PAGE_TEXT
    assert online.state(PROFILE) == "online"
    assert member.details(online)["addresses"] == address


@pytest.mark.usefixtures("plugged")
def test_a_machine_that_wakes_without_network_waits_for_it(member: Member, online: Person) -> None:
    address = member.details(online)["addresses"]
    member.laptop.logind.sleep()
    member.world.unplug("laptop")
    member.laptop.logind.wake()
    online.await_state(PROFILE, "waiting")
    member.world.plug("laptop")
    online.await_state(PROFILE, "online")
    assert member.details(online)["addresses"] == address
    assert member.details(online)["gateway"] == f"{GATEWAY_NAME}:51820"
    assert member.page() == PAGE_TEXT

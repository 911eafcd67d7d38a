"""In a hotel: its captive portal is named, and once the terms are accepted everything works."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT, start_hotel
from tests.bed.world.homes import hotel_plan
from tests.bed.world.operator_plan import PORTAL_NAME, ROUTER
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

NAMED_WITHIN_S = 5.0


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation(hotel_plan()) as member:
        start_hotel(member.world["router"])
        yield member


@pytest.fixture(autouse=True)
def just_arrived(place: Member) -> None:
    nobody_is_accepted(place)


@pytest.fixture
def online_guest(member: Member, alice: Person) -> Person:
    accept(member)
    assert member.sign_in(alice) == ""
    return alice


def nobody_is_accepted(member: Member) -> None:
    member.world["router"].run(["nft", "flush", "set", "ip", "hotel", "accepted"])


def change_something(member: Member) -> None:
    """Any change of the network makes the daemon look."""
    member.laptop.host.run(["sh", "-c", "ip addr add 192.0.2.200/32 dev lo; ip addr del 192.0.2.200/32 dev lo"])


def accept(member: Member) -> None:
    member.laptop.run_as(ALICE, ["curl", "-sS", f"http://{ROUTER}/accept"])


def test_the_hotels_portal_is_named_with_the_page_to_open(member: Member, alice: Person) -> None:
    began = time.monotonic()
    assert member.sign_in(alice) == "FN-109"
    assert time.monotonic() - began < NAMED_WITHIN_S
    finished = next(heard for heard in alice.heard if heard.member == "Finished")
    assert finished.arguments[1]["url"].startswith(f"http://{PORTAL_NAME}/")
    assert alice.state(PROFILE) == "signed-out"
    assert member.laptop.leftovers() == []


def test_the_page_told_leads_to_the_hotels_own(member: Member, alice: Person) -> None:
    assert member.sign_in(alice) == "FN-109"
    url = next(heard.arguments[1]["url"] for heard in alice.heard if heard.member == "Finished")
    assert "Hotel Seeblick" in member.laptop.run_as(ALICE, ["curl", "-sSL", url]).stdout


def test_after_accepting_the_next_sign_in_is_online(member: Member, alice: Person) -> None:
    assert member.sign_in(alice) == "FN-109"
    accept(member)
    assert member.sign_in(alice) == ""
    assert member.page() == PAGE_TEXT


def test_a_hotel_that_forgets_its_guest_does_not_end_the_session(member: Member, online_guest: Person) -> None:
    """Many ask again each day, in the middle of whatever the guest does."""
    address = member.details(online_guest)["addresses"]
    nobody_is_accepted(member)
    change_something(member)
    online_guest.await_state(PROFILE, "reconnecting")
    accept(member)
    online_guest.await_state(PROFILE, "online")
    assert member.details(online_guest)["addresses"] == address
    assert member.page() == PAGE_TEXT

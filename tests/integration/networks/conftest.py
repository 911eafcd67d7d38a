"""One place a module, with a member at a workstation there; each test has a daemon of its own and leaves the machine
clean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person


@pytest.fixture
def member(place: Member) -> Iterator[Member]:
    """At `place`, which each module makes, with a running daemon; afterwards nothing of it is left."""
    place.laptop.daemon.start()
    yield place
    stop_clean(place)


@pytest.fixture
def alice(member: Member) -> Iterator[Person]:
    with Person(member.laptop, ALICE) as person:
        yield person


@pytest.fixture
def online(member: Member, alice: Person) -> Person:
    """alice, signed in."""
    assert member.sign_in(alice) == ""
    return alice


def stop_clean(member: Member) -> None:
    daemon = member.laptop.daemon
    if daemon.program.running:
        assert daemon.stop() == 0
    assert "a mistake of ours" not in daemon.program.log_text()
    assert member.laptop.leftovers() == []

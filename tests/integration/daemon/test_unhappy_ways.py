"""What goes wrong for a person at the keyboard, end to end: each ends with its code, in time, on a clean machine.

The portal, the gateway, the key and the network are real and are really broken; afterwards the same person signs in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import PASSWORD, USERNAME, Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

SILENCE = """\
table inet bed {
    chain silence {
        type filter hook input priority -300; policy accept;
        udp dport 51820 drop
    }
}
"""
Broken = Callable[[Member], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        member.laptop.daemon.start()
        yield member
        assert member.laptop.daemon.stop() == 0
        assert "a mistake of ours" not in member.laptop.daemon.program.log_text()


@pytest.fixture
def alice(place: Member) -> Iterator[Person]:
    with Person(place.laptop, ALICE) as person:
        yield person


@contextmanager
def nothing(_: Member) -> Iterator[None]:
    yield


@contextmanager
def silent_gateway(place: Member) -> Iterator[None]:
    gateway = place.operator.gateway.host
    gateway.run(["nft", "-f", "-"], stdin=SILENCE)
    yield
    gateway.run(["nft", "delete", "table", "inet", "bed"])


@contextmanager
def stopped_portal(place: Member) -> Iterator[None]:
    place.operator.portal.stop()
    yield
    place.operator.portal.start()


@contextmanager
def stopped_gateway(place: Member) -> Iterator[None]:
    """The agent is away, so no gateway confirms the new peer."""
    place.operator.gateway.stop()
    yield
    place.operator.gateway.start()


@contextmanager
def untouched_key(place: Member) -> Iterator[None]:
    place.key.auto_touch(None)
    place.key.touch_seconds(1)
    yield
    place.key.touch_seconds(15)
    place.key.auto_touch(0.02)


@contextmanager
def no_key(place: Member) -> Iterator[None]:
    place.key.pull()
    yield
    place.key.plug()


def with_slot(program: Callable[[Member], None]) -> Broken:
    """The key's second slot is another one meanwhile; the member's secret comes back."""

    @contextmanager
    def broken(place: Member) -> Iterator[None]:
        program(place)
        yield
        place.key.program_hmac(2, place.secret)

    return broken


def another_secret(place: Member) -> None:
    place.key.program_hmac(2, secrets.token_bytes(20))


def empty_slot(place: Member) -> None:
    place.key.empty(2)


def typing_slot(place: Member) -> None:
    place.key.program_otp(2, b"public", b"secret", secrets.token_bytes(16))


@pytest.mark.parametrize(
    ("broken", "username", "password", "code"),
    [
        (nothing, USERNAME, "wrong", "FN-201"),
        (nothing, "nobody", PASSWORD, "FN-201"),
        (with_slot(another_secret), USERNAME, PASSWORD, "FN-201"),
        (no_key, USERNAME, PASSWORD, "FN-301"),
        (with_slot(empty_slot), USERNAME, PASSWORD, "FN-303"),
        (with_slot(typing_slot), USERNAME, PASSWORD, "FN-304"),
        (untouched_key, USERNAME, PASSWORD, "FN-305"),
        (stopped_portal, USERNAME, PASSWORD, "FN-101"),
        (stopped_gateway, USERNAME, PASSWORD, "FN-214"),
        (silent_gateway, USERNAME, PASSWORD, "FN-501"),
    ],
    ids=[
        "wrong password",
        "unknown user",
        "wrong key",
        "no key",
        "empty slot",
        "slot of another kind",
        "nobody touches",
        "portal down",
        "gateway's agent away",
        "gateway silent",
    ],
)
def test_it_is_named_and_nothing_is_left(
    place: Member, alice: Person, broken: Broken, username: str, password: str, code: str
) -> None:
    with broken(place):
        login = alice.sign_in(PROFILE, username=username, factor="yubikey-hmac")
        alice.give(login, {"password": password})
        assert alice.finished(login, 25) == code
        assert alice.state(PROFILE) == "signed-out"
        assert place.laptop.leftovers() == []


def test_two_keys_are_named_with_their_numbers(place: Member, alice: Person) -> None:
    second = place.key.another(87654321)
    try:
        login = alice.sign_in(PROFILE, username=USERNAME, factor="yubikey-hmac")
        alice.give(login, {"password": PASSWORD})
        assert alice.finished(login) == "FN-302"
    finally:
        second.pull()


def test_after_all_that_the_same_person_signs_in(place: Member, alice: Person) -> None:
    assert place.sign_in(alice) == ""
    assert len(place.operator.gateway.peers()) == 1
    alice.disconnect(PROFILE)
    assert place.laptop.leftovers() == []

"""Mullvad MUL22-02: packets left in the clear while the service started and stopped. Here somebody sends a numbered
packet every millisecond to the closed network, through sign-in, restart, crash and sign-out. Before there is a guard
and after it has gone the packets leave by the ordinary way; from the first one that did not until the last one that did
not, there must be no other."""

from __future__ import annotations

import pytest

from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import PASSWORD, Member
from tests.integration.daemon.person import Person
from tests.security.guarded import guarded
from tests.security.stream import Stream

pytestmark = pytest.mark.world

LOGIN = "org.flexnetd.FlexNet1.Login"


@pytest.fixture(params=[ALICE, BOB], ids=["owner", "stranger"])
def stream(request: pytest.FixtureRequest, member: Member) -> Stream:
    return Stream(member, request.param)


def ask_to_sign_in(person: Person) -> None:
    login = person.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
    person.ask(login, LOGIN, "Answer", "a{sv}", {"password": PASSWORD})


def test_from_sign_in_to_sign_out(member: Member, anna: Person, stream: Stream) -> None:
    assert member.sign_in(anna) == ""
    stream.held()
    member.laptop.daemon.restart()
    member.laptop.daemon.kill()
    member.laptop.daemon.start()
    assert anna.finished(anna.renew(PROFILE)) == ""
    anna.disconnect(PROFILE)
    stream.leaving()
    assert stream.leaked() == []


def test_a_stop_and_a_start(member: Member, anna: Person, stream: Stream) -> None:
    assert member.sign_in(anna) == ""
    assert member.laptop.daemon.stop() == 0
    stream.leaving()
    assert stream.leaked() == []


@pytest.mark.parametrize("step", ["TriggerHandshake:1", "ApplyTunnel:2", "WriteRecord:3"])
def test_killed_while_signing_in(member: Member, step: str) -> None:
    member.laptop.daemon.stop()
    member.laptop.daemon.start(env={"FLEXNETD_DIE_BEFORE": step})
    stream = Stream(member, ALICE)
    with Person(member.laptop, ALICE) as anna:
        ask_to_sign_in(anna)
        assert member.laptop.daemon.program.wait(20) == -9
    assert guarded(member)
    stream.held()
    member.laptop.daemon.start()
    stream.leaving()
    assert stream.leaked() == []


def test_killed_while_signing_out(member: Member) -> None:
    member.laptop.daemon.stop()
    member.laptop.daemon.start(env={"FLEXNETD_DIE_BEFORE": "TakeDown:1"})
    stream = Stream(member, ALICE)
    with Person(member.laptop, ALICE) as anna:
        assert member.sign_in(anna) == ""
        anna.ask("/org/flexnetd/FlexNet1/profile/kvsa", "org.flexnetd.FlexNet1.Profile", "Disconnect")
        assert member.laptop.daemon.program.wait(20) == -9
    stream.held()
    member.laptop.daemon.start()
    stream.leaving()
    assert stream.leaked() == []

"""A stranger's bus match over a full run sees State, Reason, Since, and nothing personal: no name, no address, no
login, no traffic."""

from __future__ import annotations

import pytest

from flexnetd.model.bus_names import PROFILE, SESSION
from tests.bed.laptop.accounts import BOB
from tests.bed.operator.operator import PROFILE as NAME
from tests.integration.daemon.member import PATH, Member
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

BROADCAST = {"State", "Reason", "Since"}


def test_a_strangers_match_over_a_full_run_sees_the_state_only(member: Member, anna: Person) -> None:
    with Person(member.laptop, BOB, session=None) as stranger:
        assert member.sign_in(anna, password="wrong") == "FN-201"
        assert member.sign_in(anna) == ""
        anna.call(PATH, SESSION, "Subscribe")
        address = str(member.details(anna)["addresses"][0])  # type: ignore[index] # a list
        assert anna.finished(anna.renew(NAME)) == ""
        anna.await_signal(lambda heard: heard.member == "DetailsChanged")
        member.key.pull()
        assert anna.finished(anna.renew(NAME)) == "FN-301"
        member.key.plug()
        anna.disconnect(NAME)
        assert stranger.state(NAME) == "signed-out"  # what came before this has been heard
        heard = stranger.heard
    assert {one.path for one in heard} == {PATH}
    assert {one.member for one in heard} == {"PropertiesChanged"}
    told = {name for one in heard for name in one.arguments[1]}
    assert told <= BROADCAST
    invalidated = {name for one in heard for name in one.arguments[2]}
    assert invalidated <= {"OwnerUid", "Mine"}
    everything = repr(heard)
    for personal in ("anna", address.partition("/")[0], "70001", str(member.key.serial), "gateway.flexnet"):
        assert personal not in everything
    states = [one.arguments[1]["State"] for one in heard if "State" in one.arguments[1]]
    assert "online" in states


def test_the_facts_of_a_persons_failure_are_told_to_that_person_alone(member: Member, anna: Person) -> None:
    second = member.key.another(serial=87654321)
    try:
        login = anna.sign_in(NAME, username="anna", factor="yubikey-hmac")
        anna.give(login, {"password": "x"})
        assert anna.finished(login) == "FN-302"
        mine = next(one for one in anna.heard if one.member == "Finished")
        assert "87654321" in str(mine.arguments[1])
        code, facts = anna.property(PATH, SESSION, "Reason")
        assert (code, facts) == ("FN-302", {})
    finally:
        second.pull()
    assert anna.property(PATH, PROFILE, "Name") == NAME

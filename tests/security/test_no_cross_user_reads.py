"""Proton's GetAllConfigs, Mullvad 01-003: what belongs to one person is read by that person and root alone."""

from __future__ import annotations

import pytest

from flexnetd.model.bus_names import SESSION
from tests.bed.laptop.accounts import BOB
from tests.bed.laptop.laptop import Laptop
from tests.bed.laptop.sessions import SessionKind
from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import PATH, Member
from tests.integration.daemon.person import Denied, Person

pytestmark = pytest.mark.world


def root_reads(laptop: Laptop) -> dict[str, object]:
    told = laptop.bus.call("org.flexnetd.FlexNet1", PATH, SESSION, "GetDetails")
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("session", [None, SessionKind.LOCAL, SessionKind.SSH])
def test_another_person_reads_and_hears_nothing(member: Member, anna: Person, session: SessionKind | None) -> None:
    assert member.sign_in(anna) == ""
    with Person(member.laptop, BOB, session) as bob:
        for method in ("GetDetails", "Subscribe"):
            with pytest.raises(Denied) as denied:
                bob.call(PATH, SESSION, method)
            assert denied.value.code == "FN-601"
        assert anna.finished(anna.renew(PROFILE)) == ""
        assert bob.state(PROFILE) == "online"
        assert not [heard for heard in bob.heard if heard.member in {"DetailsChanged", "Finished"}]
        assert "anna" not in repr(bob.objects())


def test_the_owner_and_root_read(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    assert member.details(anna)["user_name"] == "anna"
    assert root_reads(member.laptop)["user_name"] == "anna"


def test_who_subscribed_hears_nothing_of_the_next_persons_session(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    anna.call(PATH, SESSION, "Subscribe")
    anna.disconnect(PROFILE)
    with Person(member.laptop, BOB) as bob:
        login = bob.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
        bob.give(login, {"password": "correct horse battery staple"})
        assert bob.finished(login) == ""
        heard_before = len([one for one in anna.heard if one.member == "DetailsChanged"])
        assert bob.finished(bob.renew(PROFILE)) == ""
        assert anna.state(PROFILE) == "online"
        assert len([one for one in anna.heard if one.member == "DetailsChanged"]) == heard_before
        bob.disconnect(PROFILE)

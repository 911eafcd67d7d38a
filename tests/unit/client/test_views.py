"""What the service tells, as values; what it may leave out, and what is wrong."""

from __future__ import annotations

import os
from typing import Any

import pytest

from flexnetd.client import views
from flexnetd.model.bus_names import MANAGER, PROFILE, PROFILE_PATH, ROOT_PATH, SESSION
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.profile import Contact
from flexnetd.model.session_words import PromptKind, Stage, State


def session(**changed: Any) -> dict[str, Any]:
    told = {"State": "online", "Reason": ("", {}), "Since": 7, "OwnerUid": 70001, "Mine": True}
    return {**told, **changed}


def objects(**changed: Any) -> dict[str, dict[str, Any]]:
    notice = ("n1", "maintenance", 1, 2, ("mail",), ("pages",), {"de": "Wartung"})
    profile = {
        "Name": "kvsa",
        "DisplayName": {"de": "Netz"},
        "PortalOrigin": "https://portal.example",
        "Contact": {"de": {"name": "IT-Service", "telephone": "1"}},
        "Factors": ("fido2",),
        **changed,
    }
    return {
        ROOT_PATH: {MANAGER: {"Version": "1", "Notices": (notice,), "Health": (("FN-511", {}),)}},
        PROFILE_PATH + "kvsa": {PROFILE: profile, SESSION: session()},
    }


def test_everything_public_is_read_from_one_answer() -> None:
    overview = views.overview_from_objects(objects())
    assert overview.health == (Fault(Code.IPV6_OFF),)
    assert overview.notices == (Notice("n1", NoticeKind.MAINTENANCE, 1, 2, ("mail",), ("pages",), {"de": "Wartung"}),)
    (profile,) = overview.profiles
    assert (profile.name, profile.path, profile.factors) == ("kvsa", PROFILE_PATH + "kvsa", (Factor.FIDO2,))
    assert profile.contact == {"de": Contact("IT-Service", "1")}
    assert profile.session == views.SessionView(State.ONLINE, None, 7, 70001, True)


def test_a_login_among_the_objects_is_no_profile() -> None:
    told = {**objects(), ROOT_PATH + "/login/1": {"org.flexnetd.FlexNet1.Login": {"Stage": "input"}}}
    assert len(views.overview_from_objects(told).profiles) == 1


def test_what_failed_is_told_with_its_facts() -> None:
    told = session(Reason=("FN-101", {"host": "portal.example"}))
    assert views.session_from_properties(told).reason == Fault(Code.PORTAL_UNREACHABLE, host="portal.example")


def test_what_failed_for_another_person_is_told_as_its_code_alone() -> None:
    assert views.session_from_properties(session(Reason=("FN-305", {}))).reason is Code.KEY_NOT_TOUCHED


def test_nobodys_session_has_no_owner() -> None:
    assert views.session_from_properties(session(OwnerUid=0xFFFFFFFF, Mine=False)).owner_uid is None


def test_whose_session_it_is_can_be_worked_out_from_a_broadcast() -> None:
    told = session(OwnerUid=os.getuid())
    del told["Mine"]
    assert views.session_from_properties(told).mine


def test_details_leave_out_what_is_not_known_yet() -> None:
    details = views.details_from_plain({"user_name": "anna", "ends_at": 9})
    assert (details.user_name, details.ends_at, details.renew_until, details.handshake_age_s) == ("anna", 9, None, None)


def test_details_tell_what_lies_across_the_prefixes() -> None:
    told = {"endpoint": "192.0.2.1:51820", "mtu": 1380, "overlaps": [("10.88.0.0/16", "10.0.0.0/8 dev vpn0", "win")]}
    details = views.details_from_plain(told)
    assert (details.endpoint, details.mtu) == ("192.0.2.1:51820", 1380)
    assert details.overlaps == (views.OverlapView("10.88.0.0/16", "10.0.0.0/8 dev vpn0", "win"),)


def test_a_login_tells_its_stage_and_what_it_asks() -> None:
    login = views.login_from_properties({"Stage": "input", "Prompts": (("otp", "otp", "", False),)})
    assert login == views.LoginView(Stage.INPUT, (views.LoginPrompt("otp", PromptKind.OTP, "", False),))


@pytest.mark.parametrize(
    "wrong", [{}, {"Name": 7}, objects(Factors=("sorcery",)), objects(Contact={"de": "call us"}), {ROOT_PATH: {}}]
)
def test_what_is_not_the_api_is_a_fault_of_ours(wrong: dict[str, Any]) -> None:
    with pytest.raises(Fault) as raised:
        views.read(views.overview_from_objects, wrong)
    assert raised.value == Fault(Code.INTERNAL)

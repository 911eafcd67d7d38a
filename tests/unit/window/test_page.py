"""Which page the window shows."""

from __future__ import annotations

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.live import Known
from flexnetd.client.views import LoginPrompt
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import NoticeKind
from flexnetd.model.session_words import PromptKind, Stage, State
from flexnetd.window.activity import Activity, Asking, Failed, Idle, Purpose, Working
from flexnetd.window.page import chosen_profile, page
from flexnetd.window.view import Act, Field, Mark, View
from tests.bed.desktop.known import NOW, details, known, notice, profile

ENGLISH = language_named("en")
ONLINE = known(profile(State.ONLINE), private=details())
SIGNED_OUT = known(profile())


def show(what: Known, activity: Activity = Idle(), wanted: str = "") -> View:  # noqa: B008 - a frozen value
    return page(what, activity, wanted, ENGLISH, NOW)


def acts(view: View) -> list[Act]:
    return [button.act for button in view.buttons]


def prompt(kind: PromptKind, hint: str = "") -> LoginPrompt:
    return LoginPrompt(kind.value, kind, hint, hidden=False)


# -- nothing to sign in to


def test_before_anything_is_known_it_asks_for_a_moment() -> None:
    assert show(Known()).spinning
    assert show(Known()).headline == "One moment please"


def test_without_the_service_it_says_so_whatever_was_going_on() -> None:
    absent = show(Known(fault=Fault(Code.DAEMON_ABSENT)), Working(Purpose.SIGN_IN))
    assert absent.headline == "The FlexNet service of this computer is not running."
    assert "FN-607" in absent.body
    assert acts(absent) == [Act.RETRY]


def test_an_impostor_is_named_and_no_field_is_there_to_type_into() -> None:
    impostor = show(Known(fault=Fault(Code.IMPOSTOR, uid=7)))
    assert "FN-613" in impostor.body
    assert "For the IT service: Number of the user that runs it: 7." in impostor.body
    assert impostor.form == ()


def test_without_a_profile_it_says_what_to_install() -> None:
    nothing = show(known(health=[Fault(Code.WORKER_UNREACHABLE)]))
    assert nothing.headline == "This computer has no access yet"
    assert "FN-610" in "".join(nothing.body)
    assert nothing.buttons == ()


# -- signing in


def test_who_is_not_signed_in_is_offered_to() -> None:
    view = show(SIGNED_OUT)
    assert (view.title, view.headline, acts(view)) == ("Network kvsa", "Not signed in", [Act.SIGN_IN])
    assert view.buttons[0].main


@pytest.mark.parametrize("kind", PromptKind)
def test_every_kind_of_question_has_a_field_with_a_label(kind: PromptKind) -> None:
    (field,) = show(SIGNED_OUT, Asking(Purpose.SIGN_IN, (prompt(kind),), "anna")).form
    assert field.label
    assert field.hidden == kind.hidden
    assert field.text == ("anna" if kind is PromptKind.USERNAME else "")


def test_the_services_hint_is_better_than_what_was_remembered() -> None:
    (field,) = show(SIGNED_OUT, Asking(Purpose.SIGN_IN, (prompt(PromptKind.USERNAME, "berta"),), "anna")).form
    assert field.text == "berta"


def test_a_new_password_is_asked_for_twice() -> None:
    view = show(SIGNED_OUT, Asking(Purpose.SIGN_IN, (prompt(PromptKind.NEW_PASSWORD),)))
    assert view.form == (Field("new-password", "New password", True, again="New password once more"),)
    assert acts(view) == [Act.SUBMIT, Act.CANCEL]


def test_a_field_that_the_key_types_into_says_so() -> None:
    view = show(SIGNED_OUT, Asking(Purpose.RENEW, (prompt(PromptKind.OTP),), complaint="Once more", number=3))
    assert view.form[0].typed_by_key
    assert (view.headline, view.complaint, view.form_number) == ("Extend the session", "Once more", 3)
    assert "The key types its code by itself" in view.body[0]


@pytest.mark.parametrize("stage", [None, *Stage])
def test_every_stage_has_its_words_and_can_be_cancelled(stage: Stage | None) -> None:
    view = show(SIGNED_OUT, Working(Purpose.SIGN_IN, stage))
    assert view.headline
    assert acts(view) == [Act.CANCEL]
    assert view.spinning == (stage is not Stage.TOUCH)


def test_the_touch_is_asked_for_by_sign_and_words() -> None:
    view = show(SIGNED_OUT, Working(Purpose.SIGN_IN, Stage.TOUCH))
    assert (view.mark, view.headline) == (Mark.KEY, "Please touch the button of the YubiKey now")


def test_signing_out_can_only_be_waited_for() -> None:
    view = show(ONLINE, Working(Purpose.SIGN_OUT))
    assert (view.headline, view.spinning, view.buttons) == ("Signing out", True, ())


def test_a_failure_has_its_code_the_next_step_and_whom_to_call() -> None:
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.KEY_ABSENT)))
    assert view.headline == "Signing in did not work"
    assert "No YubiKey is plugged in. (FN-301)" in view.body
    assert "Please plug in your YubiKey and try again." in view.body
    assert any("0391 627-7000" in line for line in view.body)
    assert acts(view) == [Act.SIGN_IN, Act.BACK]


def test_what_failed_is_what_is_tried_again() -> None:
    fault = Fault(Code.WORKER_FAILED, detail="x")
    assert acts(show(ONLINE, Failed(Purpose.RENEW, fault))) == [Act.RENEW, Act.BACK]
    assert acts(show(ONLINE, Failed(Purpose.SIGN_OUT, fault))) == [Act.SIGN_OUT, Act.BACK]


def test_a_wifi_that_wants_a_sign_in_of_its_own_offers_its_page() -> None:
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.CAPTIVE_PORTAL, url="http://wifi.example/")))
    assert (view.buttons[0].act, view.buttons[0].target) == (Act.OPEN_PAGE, "http://wifi.example/")


def test_only_a_web_page_is_ever_opened() -> None:
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.CAPTIVE_PORTAL, url="file:///etc/passwd")))
    assert Act.OPEN_PAGE not in acts(view)


# -- how the session stands


@pytest.mark.parametrize("state", State)
def test_every_state_has_words_and_a_sign(state: State) -> None:
    assert show(known(profile(state))).headline


def test_connected_tells_until_when_and_the_details_to_its_owner() -> None:
    view = show(ONLINE)
    assert view.headline.startswith("Connected until ")
    assert (view.mark, acts(view)) == (Mark.ON, [Act.RENEW, Act.SIGN_OUT])
    assert ("Address in the network", "10.8.0.7, fd00::7") in view.details
    assert ("Last sign of life", "5 seconds ago") in view.details
    assert "Can be extended until" in dict(view.details)


def test_what_is_not_known_has_no_row() -> None:
    rows = dict(show(known(profile(State.ONLINE), private=details(user_name="", age_s=None, renew_s=0))).details)
    assert set(rows) == {"Address in the network", "Gateway", "Traffic"}


def test_without_details_or_an_end_it_is_just_connected() -> None:
    assert show(known(profile(State.ONLINE))).headline == "Connected"
    assert show(known(profile(State.ONLINE), private=details(None))).headline == "Connected"


def test_after_an_extension_it_tells_the_new_end() -> None:
    assert show(ONLINE, Idle(renewed=True)).headline.startswith("Extended until ")


def test_about_to_end_has_another_sign_and_says_what_to_do() -> None:
    view = show(known(profile(State.ONLINE), private=details(600)))
    assert view.headline.startswith("The session ends at ")
    assert (view.mark, acts(view)) == (Mark.ENDING, [Act.RENEW, Act.SIGN_OUT])
    assert "extend" in view.body[0]


def test_what_cannot_be_extended_is_not_offered_to_be() -> None:
    view = show(known(profile(State.ONLINE), private=details(600, renew_s=0)))
    assert acts(view) == [Act.SIGN_OUT]
    assert "save your work" in view.body[0]


def test_somebody_elses_session_shows_its_state_and_nothing_else() -> None:
    view = show(known(profile(State.ONLINE, mine=False)))
    assert view.headline == "Somebody else is signed in on this computer"
    assert (view.details, view.buttons) == ((), ())


def test_waiting_tells_for_what_and_a_conflict_does_not_spin() -> None:
    waiting = show(known(profile(State.WAITING, reason=Fault(Code.CAPTIVE_PORTAL, url="https://wifi.example/"))))
    assert waiting.spinning
    assert acts(waiting) == [Act.OPEN_PAGE, Act.SIGN_OUT]
    conflict = show(known(profile(State.CONFLICT)))
    assert (conflict.spinning, conflict.mark, acts(conflict)) == (False, Mark.PROBLEM, [Act.SIGN_OUT])


def test_what_ended_the_session_is_told_with_whom_to_call() -> None:
    view = show(known(profile(reason=Code.SESSION_ENDED)))
    assert view.headline == "Your session has ended."
    assert "FN-215" in view.body
    assert acts(view) == [Act.SIGN_IN]


# -- notices and several profiles


def test_a_maintenance_under_way_tells_its_end_and_what_still_works_before_the_button() -> None:
    view = show(known(profile(), notices=[notice(-60)]))
    assert view.headline.startswith("Maintenance until ")
    assert "Still working: Mail" in view.notices[0]
    assert [(b.act, b.main) for b in view.buttons] == [(Act.SIGN_IN, False)]


def test_a_maintenance_to_come_is_shown_beside_the_rest_and_one_that_is_over_is_not() -> None:
    view = show(known(profile(), notices=[notice(3600), notice(-7200), notice(-60, kind=NoticeKind.MESSAGE)]))
    assert view.headline == "Not signed in"
    assert [len(lines) for lines in view.notices] == [4, 3]


def test_what_the_service_lacks_is_told_on_every_page() -> None:
    assert "FN-610" in "".join(show(known(profile(), health=[Fault(Code.WORKER_UNREACHABLE)])).body)


def test_of_several_profiles_one_is_chosen() -> None:
    two = known(profile(), profile(name="other"))
    view = show(two, wanted="other")
    assert (view.profiles, view.chosen) == ((("kvsa", "Network kvsa"), ("other", "Network other")), 1)
    assert show(SIGNED_OUT).profiles == ()


def test_the_profile_with_a_session_of_ones_own_is_shown_first() -> None:
    two = known(profile(), profile(State.ONLINE, name="other"))
    chosen = chosen_profile(two, "")
    assert chosen is not None
    assert chosen.name == "other"

"""Which page the window shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.live import Known
from flexnetd.client.views import LoginPrompt
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import NoticeKind
from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.model.session_words import PromptKind, Stage, State
from flexnetd.window.activity import Activity, Asking, Examining, Failed, Idle, Purpose, Working
from flexnetd.window.page import chosen_profile, page
from flexnetd.window.view import Act, Card, CardKind, Field, Mark, View
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
    assert absent.headline == "The FlexNet service of this computer is not running"
    assert absent.help == ("Code FN-607",)
    assert acts(absent) == [Act.RETRY, Act.EXAMINE]


def test_an_impostor_is_named_and_no_field_is_there_to_type_into() -> None:
    impostor = show(Known(fault=Fault(Code.IMPOSTOR, uid=7)))
    assert impostor.help == ("Code FN-613",)
    assert impostor.remark == "For the IT service: Number of the user that runs it: 7."
    assert impostor.form == ()


def test_without_a_profile_it_says_what_to_install() -> None:
    nothing = show(known(health=[Fault(Code.WORKER_UNREACHABLE)]))
    assert nothing.headline == "This computer has no access yet"
    assert "FN-610" in nothing.cards[0].title
    assert nothing.cards[0].lines
    assert [(b.act, b.main) for b in nothing.buttons] == [(Act.IMPORT, True)]


def test_a_file_of_the_operator_is_taken_in_or_said_to_be_wrong() -> None:
    assert show(known(), Working(Purpose.IMPORT)).headline == "The access is being set up"
    wrong = show(known(), Failed(Purpose.IMPORT, Fault(Code.PROFILE_SIGNATURE, file="x.flexnet")))
    assert (wrong.context, wrong.body[0]) == ("The access could not be set up", "It was not installed.")
    assert (acts(wrong), wrong.help) == ([Act.IMPORT, Act.BACK], ("Code FN-424",))


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
    assert "The YubiKey types its code itself" in view.body[0]


def test_who_has_no_name_here_yet_is_told_what_the_letter_is_for() -> None:
    both = (prompt(PromptKind.USERNAME), prompt(PromptKind.PASSWORD))
    assert "activation code from your letter" in show(SIGNED_OUT, Asking(Purpose.SIGN_IN, both)).body[0]
    assert show(SIGNED_OUT, Asking(Purpose.SIGN_IN, both, "anna")).body == ()


def test_the_first_sign_in_is_told_from_an_expired_password() -> None:
    first = Asking(Purpose.SIGN_IN, (prompt(PromptKind.ACTIVATION), prompt(PromptKind.NEW_PASSWORD)))
    view = show(known(profile(State.SIGNING_IN, reason=Fault(Code.ACTIVATION_NEEDED))), first)
    assert view.headline == "Your first sign-in"
    assert "stands in your letter" in view.body[0]
    expired = Asking(Purpose.SIGN_IN, (prompt(PromptKind.NEW_PASSWORD),))
    view = show(known(profile(State.SIGNING_IN, reason=Code.PASSWORD_EXPIRED)), expired)
    assert (view.headline, view.body[0]) == ("Choose a new password", "Your password has expired.")


def test_why_a_new_password_was_not_taken_is_said() -> None:
    weak = known(profile(State.SIGNING_IN, reason=Fault(Code.PASSWORD_TOO_WEAK, minimum_length=12)))
    view = show(weak, Asking(Purpose.SIGN_IN, (prompt(PromptKind.NEW_PASSWORD),)))
    assert "at least 12 characters" in view.body[0]
    old = known(profile(reason=Fault(Code.KEY_ABSENT)))
    assert show(old, Asking(Purpose.SIGN_IN, (prompt(PromptKind.PASSWORD),))).body == ()


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


def test_a_failure_says_what_happened_what_to_do_and_whom_to_call_with_which_code() -> None:
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.KEY_ABSENT)))
    assert (view.context, view.headline) == ("Signing in did not work", "No YubiKey is plugged in")
    assert view.body == ("Please plug in your YubiKey and try again.",)
    assert view.help == (
        "Help: IT service",
        "Telephone 0391 627-7000 (8 to 16)",
        "E-mail it@kvsa.example",
        "When you call, please mention FN-301.",
    )
    assert acts(view) == [Act.SIGN_IN, Act.BACK, Act.EXAMINE]


def test_a_failure_is_spoken_with_its_code_and_another_page_without_whom_to_call() -> None:
    failure = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.KEY_ABSENT)))
    assert failure.spoken.startswith("Signing in did not work No YubiKey is plugged in Please plug in")
    assert failure.spoken.endswith("FN-301.")
    assert "0391" not in show(SIGNED_OUT).spoken


def test_of_two_sentences_the_first_is_the_headline() -> None:
    fault = Fault(Code.FACTOR_TOO_WEAK, factor="yubico-otp", weakest="yubikey-hmac")
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, fault))
    assert view.headline.endswith("is not accepted here")
    assert view.body[0].endswith("is needed.")


def test_a_code_that_nobody_needs_to_call_about_is_only_named() -> None:
    view = show(known(profile(contact=False)), Failed(Purpose.SIGN_IN, Fault(Code.KEY_ABSENT)))
    assert view.help == ("Code FN-301",)


def test_who_could_not_extend_is_told_to_stay_connected() -> None:
    failed = Failed(Purpose.RENEW, Fault(Code.KEY_ABSENT))
    assert show(ONLINE, failed).body[-1].startswith("You stay connected until ")
    assert len(show(known(profile(State.ONLINE), private=details(None)), failed).body) == 1
    assert len(show(known(profile(State.ONLINE)), failed).body) == 1


def test_a_maintenance_that_answers_a_sign_in_is_no_fault() -> None:
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.MAINTENANCE, ends_at=NOW + 60)))
    assert (view.mark, acts(view)) == (Mark.OFF, [Act.SIGN_IN, Act.BACK])


def test_what_failed_is_what_is_tried_again() -> None:
    fault = Fault(Code.WORKER_FAILED, detail="x")
    assert acts(show(ONLINE, Failed(Purpose.RENEW, fault))) == [Act.RENEW, Act.BACK, Act.EXAMINE]
    assert acts(show(ONLINE, Failed(Purpose.SIGN_OUT, fault))) == [Act.SIGN_OUT, Act.BACK, Act.EXAMINE]


def test_a_wifi_that_wants_a_sign_in_of_its_own_offers_its_page() -> None:
    view = show(SIGNED_OUT, Failed(Purpose.SIGN_IN, Fault(Code.CAPTIVE_PORTAL, url="http://wifi.example/")))
    assert (view.buttons[0].act, view.buttons[0].target) == (Act.OPEN_PAGE, "http://wifi.example/")
    assert [button.act for button in view.buttons if button.main] == [Act.OPEN_PAGE]


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
    assert (waiting.spinning, waiting.context) == (True, "Waiting; goes on by itself")
    assert acts(waiting) == [Act.OPEN_PAGE, Act.SIGN_OUT, Act.EXAMINE]
    assert show(known(profile(State.RECONNECTING))).body == ("This goes on by itself. You need not do anything.",)
    conflict = show(known(profile(State.CONFLICT)))
    assert (conflict.spinning, conflict.mark, acts(conflict)) == (False, Mark.PROBLEM, [Act.SIGN_OUT])


def test_what_ended_the_session_is_told_with_whom_to_call() -> None:
    view = show(known(profile(reason=Code.SESSION_ENDED)))
    assert (view.mark, view.headline) == (Mark.ENDING, "Your session has ended")
    assert view.help[-1] == "When you call, please mention FN-215."
    assert acts(view) == [Act.SIGN_IN]
    failed = show(known(profile(reason=Fault(Code.GATEWAY_SILENT, gateways="gw1", seconds=5))))
    assert (failed.mark, acts(failed)) == (Mark.PROBLEM, [Act.SIGN_IN, Act.EXAMINE])


def test_where_no_icon_can_be_shown_a_connected_person_is_told() -> None:
    assert page(ONLINE, Idle(), "", ENGLISH, NOW, tray=False).remark.startswith("This desktop shows no icon")
    assert show(ONLINE).remark == ""


# -- the computer's duties


DUTIES = (
    Verdict(Check.VIRUS_SCANNER, Answer.UNKNOWN, Reason.TOOL_MISSING),
    Verdict(Check.RESTART, Answer.PASS, Reason.FULFILLED),
    Verdict(Check.FIREWALL, Answer.FAIL, Reason.FIREWALL_OFF),
)


def test_duties_that_are_not_kept_are_told_with_what_to_do_before_those_not_known() -> None:
    failed, unknown = show(known(profile(State.ONLINE), private=details(), posture=DUTIES)).cards
    assert (failed.kind, failed.title) == (CardKind.DUTY, "Firewall: no firewall is switched on")
    assert "sudo ufw enable" in failed.lines[0]
    assert unknown.kind is CardKind.NOT_KNOWN


def test_the_duties_stand_where_something_can_be_done_about_them() -> None:
    signed_out = known(profile(), posture=DUTIES)
    assert len(show(signed_out).cards) == 2
    assert len(show(signed_out, Failed(Purpose.SIGN_IN, Fault(Code.POSTURE_FAILED, check="firewall"))).cards) == 2
    assert show(signed_out, Failed(Purpose.SIGN_IN, Fault(Code.KEY_ABSENT))).cards == ()
    assert show(known(profile(State.ONLINE, mine=False), posture=DUTIES)).cards == ()


# -- looking for the cause


def test_what_is_found_is_shown_as_it_comes() -> None:
    begun = Examining().with_line("pass\tNetwork: in order (eth0)")
    view = show(Known(fault=Fault(Code.DAEMON_ABSENT)), begun)
    assert (view.headline, view.spinning, acts(view)) == ("Looking for the cause", True, [Act.BACK])
    assert view.cards == (Card(CardKind.IN_ORDER, "Network: in order (eth0)"),)


def test_what_is_not_well_carries_what_to_do() -> None:
    found = Examining()
    for line in ("fail\tPortal: not in order", "\tIt cannot be reached.", "\tPlease wait.", "unknown\tClock"):
        found = found.with_line(line)
    view = show(SIGNED_OUT, replace(found, over=True))
    assert (view.headline, view.mark, view.spinning) == ("Something is not in order", Mark.PROBLEM, False)
    assert view.cards[0].lines == ("It cannot be reached.", "Please wait.")
    assert [card.kind for card in view.cards] == [CardKind.DUTY, CardKind.NOT_KNOWN]


def test_where_no_cause_is_found_one_is_sent_to_whom_to_call() -> None:
    view = show(SIGNED_OUT, Examining(over=True))
    assert (view.headline, view.mark) == ("No cause was found", Mark.ON)
    assert "0391 627-7000" in view.help[1]


# -- notices and several profiles


def test_a_maintenance_under_way_tells_its_end_and_what_still_works_before_the_button() -> None:
    view = show(known(profile(), notices=[notice(-60)]))
    assert view.headline.startswith("Maintenance until ")
    assert "Still working: Mail" in view.notices[0].lines
    assert view.body == ("Until then signing in will probably not work. What still works stands above.",)
    assert [(b.act, b.main) for b in view.buttons] == [(Act.SIGN_IN, False)]


def test_a_maintenance_to_come_is_shown_beside_the_rest_and_one_that_is_over_is_not() -> None:
    view = show(known(profile(), notices=[notice(3600), notice(-7200), notice(-60, kind=NoticeKind.MESSAGE)]))
    assert view.headline == "Not signed in"
    assert [len(card.lines) for card in view.notices] == [3, 2]


def test_what_the_service_lacks_is_told_on_every_page() -> None:
    lacking = known(profile(), health=[Fault(Code.WORKER_UNREACHABLE)])
    for activity in (Idle(), Working(Purpose.SIGN_IN), Failed(Purpose.SIGN_IN, Fault(Code.KEY_ABSENT))):
        assert "FN-610" in show(lacking, activity).cards[0].title


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

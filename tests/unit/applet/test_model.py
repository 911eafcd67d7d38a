"""What the applet shows."""

from __future__ import annotations

import pytest

from flexnetd.applet.model import Act, Before, Entry, Icon, Shown, Urgency, remembered, shown
from flexnetd.client.language import language_named
from flexnetd.client.live import Known
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import NoticeKind
from flexnetd.model.session_words import State
from tests.bed.desktop.known import NOW, details, known, notice, profile

ENGLISH = language_named("en")
ABSENT = Known(fault=Fault(Code.DAEMON_ABSENT))
ENDED = known(profile(State.SIGNED_OUT, reason=Code.SESSION_ENDED))
ONLINE = known(profile(State.ONLINE), private=details())


def show(what: Known, before: Before = Before()) -> Shown:  # noqa: B008 - a frozen value
    return shown(what, remembered(before, what, NOW), ENGLISH, NOW)


def acts(what: Known) -> list[Act]:
    """What can be done but opening the window, which every text to read does."""
    told = [entry.act for entry in show(what).entries if entry.act is not None]
    return [act for act in told if act is not Act.OPEN]


def test_before_anything_is_known_it_starts() -> None:
    start = show(Known())
    assert (start.icon, start.urgency, start.state) == (Icon.BUSY, Urgency.ACTIVE, "FlexNet is starting")


def test_without_the_service_it_says_so_with_the_code_and_opens_the_window() -> None:
    absent = show(ABSENT)
    assert (absent.icon, absent.urgency) == (Icon.PROBLEM, Urgency.NEEDS_ATTENTION)
    assert "FN-607" in absent.state
    assert acts(ABSENT) == []
    assert absent.entries[-1] == Entry("Open the window", Act.OPEN)


def test_without_a_profile_there_is_only_the_window() -> None:
    assert show(known()).state == "This computer has no access yet"
    assert show(known()).icon is Icon.OFF
    assert acts(known()) == []
    assert show(known()).entries[-1] == Entry("Open the window", Act.OPEN)


@pytest.mark.parametrize("state", State)
def test_every_state_has_an_icon_and_words(state: State) -> None:
    assert show(known(profile(state))).state


def test_shapes_tell_connected_signed_out_busy_and_somebody_else_apart() -> None:
    states = [
        known(profile()),
        ONLINE,
        known(profile(State.CONNECTING)),
        known(profile(State.ONLINE, mine=False)),
        known(profile(State.CONFLICT)),
        known(profile(State.ONLINE), private=details(600)),
    ]
    assert len({show(state).icon for state in states}) == len(states)


def test_who_is_not_signed_in_can_sign_in() -> None:
    assert acts(known(profile())) == [Act.SIGN_IN]


def test_who_is_connected_can_extend_and_sign_out() -> None:
    assert acts(ONLINE) == [Act.RENEW, Act.SIGN_OUT]
    assert show(ONLINE).state.startswith("Connected until ")


def test_what_cannot_be_extended_is_not_offered_to_be() -> None:
    assert acts(known(profile(State.ONLINE), private=details(renew_s=0))) == [Act.SIGN_OUT]
    assert acts(known(profile(State.CONNECTING))) == [Act.SIGN_OUT]


def test_somebody_elses_session_can_only_be_looked_at() -> None:
    assert acts(known(profile(State.ONLINE, mine=False))) == []


def test_the_menu_tells_whom_to_call_in_short_lines() -> None:
    labels = [entry.label for entry in show(ONLINE).entries]
    assert labels[-3:] == ["Help: IT service", "Telephone 0391 627-7000 (8 to 16)", "E-mail it@kvsa.example"]


def test_every_line_of_the_menu_can_be_chosen_since_others_are_drawn_pale() -> None:
    assert all(entry.act is not None for entry in show(ONLINE).entries if entry.label)


def test_without_a_contact_the_menu_ends_with_the_window() -> None:
    assert show(known(profile(contact=False))).entries[-1].act is Act.OPEN


def test_a_notice_stands_in_the_menu_until_it_is_over() -> None:
    told = [entry.label for entry in show(known(profile(), notices=[notice(60), notice(-7200)])).entries]
    assert [label for label in told if label.startswith("Notice: ")] == [told[1]]


def test_of_two_profiles_each_line_names_its_own_and_the_icon_tells_what_matters_more() -> None:
    two = known(profile(State.ONLINE), profile(State.CONFLICT, name="other"), private=details())
    seen = show(two)
    assert seen.icon is Icon.PROBLEM
    assert Entry("Extend – Network kvsa", Act.RENEW, "kvsa") in seen.entries
    assert Entry("Sign out – Network other", Act.SIGN_OUT, "other") in seen.entries
    assert "Network kvsa: Connected until" in seen.state
    assert Entry("Sign in… – Network b", Act.SIGN_IN, "b") in show(known(profile(), profile(name="b"))).entries


def test_five_minutes_before_the_end_a_notification_offers_to_extend() -> None:
    (told,) = show(known(profile(State.ONLINE), private=details(300))).notifications
    assert (told.summary, told.act, told.lasting) == ("The session is about to end", Act.RENEW, True)


def test_fifteen_minutes_before_it_a_word_that_goes_by_itself() -> None:
    (told,) = show(known(profile(State.ONLINE), private=details(900))).notifications
    assert told.summary.startswith("The session ends at ")
    assert (told.body, told.act, told.lasting) == ("You can extend it now.", Act.RENEW, False)
    (for_good,) = show(known(profile(State.ONLINE), private=details(900, renew_s=0))).notifications
    assert (for_good.act, "save your work" in for_good.body) == (Act.OPEN, True)
    assert show(known(profile(State.ONLINE), private=details(901))).notifications == ()
    assert show(known(profile(State.ONLINE), private=details(None))).notifications == ()


def test_it_is_withdrawn_by_the_extension_and_comes_again_for_the_next_end() -> None:
    assert show(ONLINE).notifications == ()
    keys = {show(known(profile(State.ONLINE), private=details(s))).notifications[0].key for s in (300, 299)}
    assert len(keys) == 2


def test_where_nothing_can_be_extended_it_offers_the_window() -> None:
    (told,) = show(known(profile(State.ONLINE), private=details(300, renew_s=0))).notifications
    assert told.act is Act.OPEN


def test_notifications_name_nobody() -> None:
    ending = known(profile(State.ONLINE), private=details(300))
    text = "".join(n.summary + n.body for n in show(ending).notifications)
    assert "muster" not in text
    assert "kvsa" not in text


def test_a_session_that_ends_by_itself_is_told_once() -> None:
    before = remembered(Before(), ONLINE, NOW)
    (told,) = show(ENDED, before).notifications
    assert (told.summary, told.act) == ("The session has ended", Act.SIGN_IN)
    again = show(ENDED, remembered(before, ENDED, NOW)).notifications
    assert [n.key for n in again] == [told.key]


def test_it_is_withdrawn_when_the_person_signs_in_again() -> None:
    ended = remembered(remembered(Before(), ONLINE, NOW), ENDED, NOW)
    assert show(known(profile(State.CONNECTING)), ended).notifications == ()


def test_an_end_that_was_over_before_or_was_somebody_elses_is_not_told() -> None:
    assert show(ENDED).notifications == ()
    other = remembered(Before(), known(profile(State.ONLINE, mine=False)), NOW)
    assert show(ENDED, other).notifications == ()


def test_signing_out_oneself_is_not_told() -> None:
    assert show(known(profile()), remembered(Before(), ONLINE, NOW)).notifications == ()


def test_while_the_service_restarts_the_past_is_kept() -> None:
    before = remembered(Before(), ONLINE, NOW)
    assert remembered(before, ABSENT, NOW) == before


def test_half_an_hour_before_a_maintenance_it_is_told_and_no_message_is() -> None:
    (told,) = show(known(profile(), notices=[notice(1800), notice(60, kind=NoticeKind.MESSAGE)])).notifications
    assert told.summary == "Maintenance begins soon"
    assert "Still working: Mail" in told.body


def test_the_end_of_a_maintenance_that_was_waited_for_is_told_until_somebody_signs_in() -> None:
    waited = remembered(Before(), known(profile(), notices=[notice(-60)]), NOW)
    over = known(profile(), notices=[notice(-3600)])
    (told,) = show(over, waited).notifications
    assert (told.summary, told.act) == ("The maintenance is over", Act.SIGN_IN)
    after = remembered(waited, known(profile()), NOW)
    assert [n.key for n in show(known(profile()), after).notifications] == ["over n-60"]
    assert show(ONLINE, after).notifications == ()


def test_neither_the_end_of_one_that_nobody_saw_nor_of_a_message_is_told() -> None:
    assert show(known(profile(), notices=[notice(-7200)])).notifications == ()
    message = remembered(Before(), known(profile(), notices=[notice(-60, kind=NoticeKind.MESSAGE)]), NOW)
    assert show(known(profile()), message).notifications == ()

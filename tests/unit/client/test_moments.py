"""When what is shown changes by the clock alone."""

from __future__ import annotations

from flexnetd.client.live import Known
from flexnetd.client.moments import can_renew, ends_soon, last_call, maintenance_near, next_moment
from flexnetd.model.notice import NoticeKind
from flexnetd.model.session_words import State
from tests.bed.desktop.known import NOW, details, known, notice, profile

MINUTE = 60


def test_a_session_ends_soon_from_fifteen_minutes_before_its_end_on() -> None:
    assert not ends_soon(details(15 * MINUTE + 1), NOW)
    assert ends_soon(details(15 * MINUTE), NOW)


def test_the_last_call_is_five_minutes_before_the_end() -> None:
    assert not last_call(details(5 * MINUTE + 1), NOW)
    assert last_call(details(5 * MINUTE), NOW)


def test_a_session_without_a_known_end_does_not_end_soon() -> None:
    assert not ends_soon(None, NOW)
    assert not ends_soon(details(None), NOW)
    assert not last_call(None, NOW)
    assert not last_call(details(None), NOW)


def test_a_session_can_be_renewed_unless_it_is_known_that_it_cannot() -> None:
    assert can_renew(None)
    assert can_renew(details(None))
    assert can_renew(details(renew_s=None))
    assert can_renew(details(renew_s=1))
    assert not can_renew(details(renew_s=0))


def test_a_maintenance_is_near_in_its_last_half_hour_and_not_when_it_has_begun() -> None:
    assert not maintenance_near(notice(30 * MINUTE + 1), NOW)
    assert maintenance_near(notice(30 * MINUTE), NOW)
    assert not maintenance_near(notice(0), NOW)


def test_a_message_is_no_maintenance() -> None:
    assert not maintenance_near(notice(60, kind=NoticeKind.MESSAGE), NOW)


def test_the_next_look_is_at_the_next_thing_that_happens_by_the_clock() -> None:
    online = profile(State.ONLINE)
    ending = known(online, private=details(20 * MINUTE))
    assert next_moment(ending, NOW) == NOW + 5 * MINUTE
    assert next_moment(ending, NOW + 5 * MINUTE) == NOW + 15 * MINUTE
    assert next_moment(ending, NOW + 15 * MINUTE) == NOW + 20 * MINUTE
    assert next_moment(ending, NOW + 20 * MINUTE) is None
    assert next_moment(known(online, notices=[notice(3600)]), NOW) == NOW + 30 * MINUTE


def test_nothing_happens_by_the_clock_while_nothing_is_known() -> None:
    assert next_moment(Known(), NOW) is None
    assert next_moment(known(profile(State.ONLINE), private=details(None)), NOW) is None

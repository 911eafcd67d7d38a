"""What the key's flags mean, and when waiting is over. Times are made up: nothing here waits."""

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.answer import (
    BUSY_S,
    PENDING,
    QUIET_S,
    TOUCH,
    WRITE,
    Verdict,
    Watch,
    chosen_key,
    fault_of_verdict,
    verdict,
    watched,
    why_not_ask,
)
from flexnetd.worker.key.facts import Firmware, KeyFacts, status_from_fields

TIMEOUT_S = 15.0


def verdict_after(*seen: tuple[float, int], now_s: float | None = None) -> Verdict:
    """The verdict after reports (time, flags); by default at the time of the last."""
    watch = Watch()
    for at_s, flags in seen:
        watch = watched(watch, flags, at_s)
    return verdict(watch, seen[-1][0] if now_s is None else now_s, TIMEOUT_S)


def test_an_answer_is_an_answer_at_any_time() -> None:
    assert verdict_after((0, PENDING)) is Verdict.ANSWERED
    assert verdict_after((0, WRITE), (1, TOUCH | 15), (9, 0), (9.1, PENDING | 3)) is Verdict.ANSWERED


def test_a_quiet_key_refuses_but_not_at_its_first_quiet_report() -> None:
    assert verdict_after((0, 0)) is Verdict.WAIT
    assert verdict_after((0, 0), (QUIET_S, 0)) is Verdict.REFUSED
    assert verdict_after((0, 0), (0.2, WRITE), (0.4, 0)) is Verdict.WAIT


def test_a_blinking_key_is_waited_for_as_long_as_the_caller_says() -> None:
    assert verdict_after((0, TOUCH | 15), (14.9, TOUCH | 1)) is Verdict.WAIT
    assert verdict_after((0, TOUCH | 15), (15.0, TOUCH | 1)) is Verdict.NOT_TOUCHED


def test_a_key_that_stops_blinking_on_time_was_not_touched() -> None:
    assert verdict_after((0, TOUCH | 15), (14.9, 0), (15.4, 0)) is Verdict.NOT_TOUCHED


def test_a_key_that_stops_blinking_early_was_interrupted() -> None:
    assert verdict_after((0, TOUCH | 15), (4, 0), (4.5, 0)) is Verdict.INTERRUPTED


def test_a_quiet_moment_between_touch_and_answer_is_nothing() -> None:
    assert verdict_after((0, TOUCH | 15), (3, 0)) is Verdict.WAIT
    assert verdict_after((0, TOUCH | 15), (3, 0), (3.1, WRITE), (3.2, WRITE)) is Verdict.WAIT


def test_a_key_that_works_for_too_long_is_busy() -> None:
    assert verdict_after((0, WRITE), (BUSY_S - 0.1, WRITE)) is Verdict.WAIT
    assert verdict_after((0, WRITE), (BUSY_S, WRITE)) is Verdict.BUSY


def test_a_fresh_watch_waits() -> None:
    assert verdict(Watch(), 0, TIMEOUT_S) is Verdict.WAIT
    assert Watch().blinked_s(7) == 0


def test_the_first_blink_counts_and_its_seconds() -> None:
    watch = watched(watched(Watch(), TOUCH | 15, 3.0), TOUCH | 11, 7.0)
    assert (watch.touch_since_s, watch.touch_announced_s) == (3.0, 15)


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        (Verdict.REFUSED, Fault(Code.KEY_SLOT_WRONG_KIND, slot=2)),
        (Verdict.NOT_TOUCHED, Fault(Code.KEY_NOT_TOUCHED, seconds=15)),
        (Verdict.INTERRUPTED, Fault(Code.KEY_BUSY)),
        (Verdict.BUSY, Fault(Code.KEY_BUSY)),
    ],
)
def test_each_end_of_a_challenge_has_its_fault(outcome: Verdict, fault: Fault) -> None:
    assert fault_of_verdict(outcome, 2, 15.2) == fault


@pytest.mark.parametrize("outcome", [Verdict.WAIT, Verdict.ANSWERED])
def test_what_is_no_end_has_no_fault(outcome: Verdict) -> None:
    with pytest.raises(ValueError, match="Verdict"):
        fault_of_verdict(outcome, 2, 0)


@pytest.mark.parametrize(
    ("firmware", "touch_level", "slot", "against"),
    [
        ((5, 4, 3), 0x0A, 2, None),
        ((5, 4, 3), 0x02, 2, None),
        ((2, 2, 0), 0x02, 2, None),
        ((5, 4, 3), 0x05, 2, Fault(Code.KEY_SLOT_EMPTY, slot=2)),
        ((5, 4, 3), 0x0A, 1, Fault(Code.KEY_SLOT_EMPTY, slot=1)),
        ((2, 1, 0), 0x02, 2, Fault(Code.KEY_WITHOUT_HMAC, problem="firmware")),
        ((1, 3, 1), 0x00, 1, Fault(Code.KEY_WITHOUT_HMAC, problem="firmware")),
    ],
)
def test_the_status_tells_before_asking(firmware: Firmware, touch_level: int, slot: int, against: Fault | None) -> None:
    assert why_not_ask(status_from_fields(firmware, touch_level, 0), slot) == against


def key(serial: int | None, path: str = "/dev/hidraw0") -> KeyFacts:
    return KeyFacts(path, serial, (5, 4, 3), status_from_fields((5, 4, 3), 0x0A, 0).slots)


def test_the_only_key_is_meant_whatever_its_serial() -> None:
    assert chosen_key([key(None)], None).serial is None


def test_a_serial_picks_one_of_several() -> None:
    assert chosen_key([key(1), key(None), key(2, "/dev/hidraw5")], 2).path == "/dev/hidraw5"


def test_several_keys_are_not_guessed_among() -> None:
    with pytest.raises(Fault) as caught:
        chosen_key([key(1), key(None)], None)
    assert caught.value == Fault(Code.KEYS_SEVERAL, serials="1, ?")


def test_another_key_than_the_one_wanted_is_told_apart_from_none() -> None:
    with pytest.raises(Fault) as caught:
        chosen_key([key(1)], 2)
    assert caught.value == Fault(Code.KEY_OTHER, wanted=2, serials="1")
    with pytest.raises(Fault) as caught:
        chosen_key([], 2)
    assert caught.value == Fault(Code.KEY_ABSENT)

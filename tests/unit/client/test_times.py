"""Times and durations as people say them."""

from __future__ import annotations

import locale
import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.times import duration_text, time_text

ENGLISH, GERMAN, AMERICAN = language_named("en"), language_named("de"), language_named("en", clock_12h=True)
pytestmark = pytest.mark.usefixtures("berlin")


def at(day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).timestamp())


NOW = at(24, 14, 30)


def test_today_is_told_by_the_clock_alone() -> None:
    assert time_text(GERMAN, at(24, 20), NOW) == "20:00 Uhr"
    assert time_text(ENGLISH, at(24, 20), NOW) == "20:00"


@pytest.mark.parametrize(("hour", "words"), [(0, "12:05 AM"), (9, "9:05 AM"), (12, "12:05 PM"), (20, "8:05 PM")])
def test_an_american_reads_twelve_hours(hour: int, words: str) -> None:
    assert time_text(AMERICAN, at(24, hour, 5), NOW) == words


def test_the_days_around_today_have_their_names() -> None:
    assert time_text(GERMAN, at(25, 8), NOW) == "morgen, 08:00 Uhr"
    assert time_text(GERMAN, at(23, 8), NOW) == "gestern, 08:00 Uhr"
    assert time_text(ENGLISH, at(25, 8), NOW) == "tomorrow, 08:00"


def test_another_day_is_told_with_its_date() -> None:
    assert time_text(GERMAN, at(28, 6), NOW) == "Samstag, 28.11.2026, 06:00 Uhr"
    assert time_text(ENGLISH, at(28, 6), NOW) == "Saturday, 28 November 2026, 06:00"


def test_an_english_date_is_english_whatever_the_programs_locale_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GTK sets the locale of the person, who may read English and count in German: LANG=en_GB, LC_TIME=de_DE."""
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", tmp_path / "de_DE.UTF-8"], check=True)
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    before = locale.setlocale(locale.LC_TIME)
    locale.setlocale(locale.LC_TIME, "de_DE.UTF-8")
    try:
        assert time_text(ENGLISH, at(24, 6) + 30 * 86400, NOW) == "Thursday, 24 December 2026, 06:00"
    finally:
        locale.setlocale(locale.LC_TIME, before)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (2**63 - 1, "Mittwoch, 29.12.9999, 01:00 Uhr"),
        (253402300799, "Mittwoch, 29.12.9999, 01:00 Uhr"),
        (-(2**63), "Mittwoch, 03.01.1, 00:53 Uhr"),
    ],
)
def test_a_time_beyond_every_calendar_is_told_by_its_end(moment: int, told: str) -> None:
    assert time_text(GERMAN, moment, NOW) == told


def test_a_clock_beyond_every_calendar_stops_nobody() -> None:
    assert time_text(GERMAN, NOW, -(2**40)) == time_text(GERMAN, NOW, 2**40) == "Dienstag, 24.11.2026, 14:30 Uhr"


def test_midnight_belongs_to_the_day_of_the_persons_own_time_zone() -> None:
    assert time_text(GERMAN, at(25, 0), at(24, 23, 59)) == "morgen, 00:00 Uhr"


@pytest.mark.parametrize(
    ("seconds", "german", "english"),
    [
        (0, "0 Sekunden", "0 seconds"),
        (1, "1 Sekunde", "1 second"),
        (60, "1 Minute", "1 minute"),
        (5400, "1 Stunde 30 Minuten", "1 hour 30 minutes"),
        (3601, "1 Stunde", "1 hour"),
        (2 * 86400 + 3600, "2 Tage 1 Stunde", "2 days 1 hour"),
        (-5, "0 Sekunden", "0 seconds"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: int, german: str, english: str) -> None:
    assert duration_text(GERMAN, seconds) == german
    assert duration_text(ENGLISH, seconds) == english


@pytest.mark.parametrize(
    ("utc_hour", "german", "english"),
    [
        (23, "01:30 Uhr", "01:30"),
        (24, "02:30 Uhr (Sommerzeit)", "02:30 (summer time)"),
        (25, "02:30 Uhr (Winterzeit)", "02:30 (standard time)"),
        (26, "03:30 Uhr", "03:30"),
    ],
)
def test_the_hour_that_comes_twice_says_which_one_it_is(utc_hour: int, german: str, english: str) -> None:
    """On 25 October 2026 the clocks of Berlin go back from 3 to 2."""
    then = int(datetime(2026, 10, 24, tzinfo=ZoneInfo("UTC")).timestamp()) + utc_hour * 3600 + 1800
    assert time_text(GERMAN, then, then) == german
    assert time_text(ENGLISH, then, then) == english


def test_in_the_night_in_which_an_hour_is_left_out_nothing_is_said_of_it() -> None:
    """On 29 March 2026 the clocks go forward from 2 to 3."""
    before = int(datetime(2026, 3, 29, 1, 59, tzinfo=ZoneInfo("Europe/Berlin")).timestamp())
    assert [time_text(GERMAN, before + s, before) for s in (0, 60)] == ["01:59 Uhr", "03:00 Uhr"]

"""Times and sizes as a page says them. Pure.

A page cannot know where its reader is, so it tells times in the operator's zone and says which zone that is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flexnetd.portal.pages.language import Language, msg

_WEEKDAYS = (
    msg("Monday"),
    msg("Tuesday"),
    msg("Wednesday"),
    msg("Thursday"),
    msg("Friday"),
    msg("Saturday"),
    msg("Sunday"),
)
_MONTHS = (
    msg("January"),
    msg("February"),
    msg("March"),
    msg("April"),
    msg("May"),
    msg("June"),
    msg("July"),
    msg("August"),
    msg("September"),
    msg("October"),
    msg("November"),
    msg("December"),
)
# Translators: a Tuesday, 1 December 2026
_DAY = msg("{weekday}, {day} {month} {year}")
# Translators: the time of day; {clock} is "20:00".
_CLOCK = msg("{clock}")
_SPAN = msg("{start} until {end}")
_ZONES = {"CET": msg("Central European Time"), "CEST": msg("Central European Summer Time")}


def moment(language: Language, zone: ZoneInfo, at: int) -> str:
    """ "Tuesday, 1 December 2026, 20:00 (Central European Time)"."""
    when = datetime.fromtimestamp(at, zone)
    return f"{_day(language, when)}, {_clock(language, when)} ({_zone_name(language, zone, when)})"


def span(language: Language, zone: ZoneInfo, start: int, end: int) -> str:
    """From a moment to another; what is the same in both, day or zone, is said once."""
    first, last = datetime.fromtimestamp(start, zone), datetime.fromtimestamp(end, zone)
    began = f"{_day(language, first)}, {_clock(language, first)}"
    if first.tzname() != last.tzname():
        began = f"{began} ({_zone_name(language, zone, first)})"
    ended = (
        _clock(language, last) if first.date() == last.date() else f"{_day(language, last)}, {_clock(language, last)}"
    )
    return f"{language.text(_SPAN, start=began, end=ended)} ({_zone_name(language, zone, last)})"


def machine_moment(at: int) -> str:
    """For the `datetime` attribute of HTML."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size(language: Language, count: int) -> str:
    """ "184 kB", "1.2 MB" or "1,2 MB"."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    number = f"{count / 1_000_000:.1f} MB"
    return number.replace(".", ",") if language.tag == "de" else number


def _day(language: Language, when: datetime) -> str:
    weekday, month = language.text(_WEEKDAYS[when.weekday()]), language.text(_MONTHS[when.month - 1])
    return language.text(_DAY, weekday=weekday, day=when.day, month=month, year=when.year)


def _clock(language: Language, when: datetime) -> str:
    return language.text(_CLOCK, clock=f"{when.hour:02}:{when.minute:02}")


def _zone_name(language: Language, zone: ZoneInfo, when: datetime) -> str:
    short = when.tzname() or ""
    if short in _ZONES:
        return language.text(_ZONES[short])
    return f"{zone.key}, UTC{when.strftime('%z')[:3]}:{when.strftime('%z')[3:]}"

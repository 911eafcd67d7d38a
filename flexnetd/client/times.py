"""Times and durations as a person says them. Times are in the person's time zone (TZ, else the machine's).

A German reads "20:00 Uhr", "morgen, 08:00 Uhr", "Mittwoch, 25.11.2026, 08:00 Uhr"; an English reader "20:00" or
"8:00 PM", "tomorrow, 08:00", "Wednesday, 25 November 2026, 08:00". In the hour that comes twice, when the clocks are
put back, it is said which one is meant. What lies before or after every calendar is told by the calendar's end: a
time may be a portal's, and none of them must stop who shows it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flexnetd.client.language import Language, msg, msgs

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
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Of an English date. strftime(3) takes the words of LC_TIME, which may be of another language than the sentence."""
# Translators: the time of day; {clock} is "20:00".
_AT = msg("{clock}")
_TOMORROW = msg("tomorrow, {clock}")
_YESTERDAY = msg("yesterday, {clock}")
_ON_DAY = msg("{weekday}, {date}, {clock}")
# Translators: for a time that comes twice in the night in which the clocks are put back.
_FIRST_TIME, _SECOND_TIME = msg("{clock} (summer time)"), msg("{clock} (standard time)")
# Translators: a date in the words of strftime(3), without names of months unless they are English.
_DATE = msg("%d %B %Y")

_FIRST_S = datetime(1, 1, 3, tzinfo=UTC).timestamp()
_LAST_S = datetime(9999, 12, 29, tzinfo=UTC).timestamp()
"""With a day to spare on either side, for the time zone and for tomorrow."""

_SECONDS = msgs("{number} second", "{number} seconds")
_MINUTES = msgs("{number} minute", "{number} minutes")
_HOURS = msgs("{number} hour", "{number} hours")
_DAYS = msgs("{number} day", "{number} days")


def time_text(language: Language, at: int, now: float) -> str:
    """`at` and `now` in seconds since the epoch. The day is named unless it is today."""
    when, today = _local(at), _local(now).date()
    clock = language.text(_AT, clock=_clock(language, when))
    first, second = _times_of_the_wall_clock(when)
    if first != second:
        clock = language.text(_FIRST_TIME if at < second else _SECOND_TIME, clock=clock)
    if when.date() == today:
        return clock
    if when.date() == today + timedelta(days=1):
        return language.text(_TOMORROW, clock=clock)
    if when.date() == today - timedelta(days=1):
        return language.text(_YESTERDAY, clock=clock)
    weekday = language.text(_WEEKDAYS[when.weekday()])
    date = when.strftime(language.text(_DATE).replace("%B", _MONTHS[when.month - 1]))
    return language.text(_ON_DAY, weekday=weekday, date=date, clock=clock)


def duration_text(language: Language, seconds: int) -> str:
    """The duration in its two largest units: "1 hour 30 minutes", "45 seconds". Negative ones read as 0 seconds."""
    seconds = max(seconds, 0)
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((_DAYS, days), (_HOURS, hours), (_MINUTES, minutes), (_SECONDS, rest))
    first = next((index for index, (_, number) in enumerate(parts) if number), len(parts) - 1)
    told = [parts[first], *(part for part in parts[first + 1 : first + 2] if part[1])]
    return " ".join(language.counted(unit, number) for unit, number in told)


def _clock(language: Language, when: datetime) -> str:
    if language.clock_12h and language.tag == "en":
        return f"{(when.hour - 1) % 12 + 1}:{when.minute:02} {'AM' if when.hour < 12 else 'PM'}"
    return f"{when.hour:02}:{when.minute:02}"


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, _FIRST_S), _LAST_S), UTC).astimezone()


def _times_of_the_wall_clock(when: datetime) -> tuple[float, float]:
    """What the person's clock shows then means two times in the hour before it was put back, else twice the same."""
    wall = when.replace(tzinfo=None)
    return wall.replace(fold=0).timestamp(), wall.replace(fold=1).timestamp()

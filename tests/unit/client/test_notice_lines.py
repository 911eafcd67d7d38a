"""A notice in lines."""

from __future__ import annotations

from dataclasses import replace

from flexnetd.client.language import language_named
from flexnetd.client.notice_lines import notice_lines
from flexnetd.model.notice import LONGEST_TEXT, MOST_LINES, NoticeKind
from tests.bed.desktop.known import NOW, notice

ENGLISH = language_named("en")


def test_a_maintenance_tells_when_what_and_what_still_works() -> None:
    when, *rest = notice_lines(notice(60), ENGLISH, NOW)
    assert when.startswith("Maintenance from ")
    assert rest == ["New server", "Affected: Portal", "Still working: Mail"]


def test_a_message_has_no_times_and_no_empty_lines() -> None:
    message = replace(notice(60, kind=NoticeKind.MESSAGE), affected=(), still_working=())
    assert list(notice_lines(message, ENGLISH, NOW)) == ["New server"]


def test_the_operators_text_cannot_reach_a_terminal() -> None:
    lines = list(notice_lines(notice(60, kind=NoticeKind.MESSAGE, text="a\x1b[31m\nb"), ENGLISH, NOW))
    assert lines[:2] == ["a [31m", "b"]


def test_a_text_of_ordinary_length_is_told_whole() -> None:
    text = "x" * LONGEST_TEXT
    assert next(notice_lines(notice(60, kind=NoticeKind.MESSAGE, text=text), ENGLISH, NOW)) == text


def test_a_flood_of_lines_letters_and_services_is_cut() -> None:
    flood = replace(notice(60, kind=NoticeKind.MESSAGE, text="x" * 60_000 + "\n y" * 60_000), affected=("z",) * 60_000)
    lines = list(notice_lines(flood, ENGLISH, NOW))
    assert len(lines) == MOST_LINES + 2
    assert all(len(line) <= LONGEST_TEXT + len("Affected: ") for line in lines)


def test_empty_lines_are_none() -> None:
    assert list(notice_lines(notice(60, kind=NoticeKind.MESSAGE, text="a\n\n \nb"), ENGLISH, NOW))[:2] == ["a", "b"]


def test_a_maintenance_under_way_tells_its_end_alone() -> None:
    begun = notice(-60)
    first, *rest = notice_lines(begun, ENGLISH, NOW)
    assert first.startswith("Maintenance is under way until ")
    assert rest == ["New server", "Affected: Portal", "Still working: Mail"]


def test_of_what_is_over_nothing_is_told() -> None:
    over = notice(60)
    assert list(notice_lines(over, ENGLISH, over.ends_at - 1)) != []
    assert list(notice_lines(over, ENGLISH, over.ends_at)) == []

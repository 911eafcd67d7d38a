"""Times and sizes as a page says them."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flexnetd.portal.pages.language import language_named
from flexnetd.portal.pages.moments import machine_moment, moment, size, span

REPOSITORY = Path(__file__).resolve().parents[4]
BERLIN, AZORES = ZoneInfo("Europe/Berlin"), ZoneInfo("Atlantic/Azores")


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    subprocess.run([REPOSITORY / "po/portal/compile"], check=True)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


WINTER, SUMMER = at("2026-12-01T19:05+00:00"), at("2026-07-01T18:00+00:00")


@pytest.mark.parametrize(
    ("tag", "zone", "when", "told"),
    [
        ("de", BERLIN, WINTER, "Dienstag, 1. Dezember 2026, 20:05 Uhr (mitteleuropäische Zeit)"),
        ("en", BERLIN, WINTER, "Tuesday, 1 December 2026, 20:05 (Central European Time)"),
        ("de", BERLIN, SUMMER, "Mittwoch, 1. Juli 2026, 20:00 Uhr (mitteleuropäische Sommerzeit)"),
        ("en", AZORES, WINTER, "Tuesday, 1 December 2026, 18:05 (Atlantic/Azores, UTC-01:00)"),
    ],
)
def test_a_moment_names_its_zone(tag: str, zone: ZoneInfo, when: int, told: str) -> None:
    assert moment(language_named(tag), zone, when) == told


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (WINTER, WINTER + 3600, "Tuesday, 1 December 2026, 20:05 until 21:05 (Central European Time)"),
        (
            WINTER,
            WINTER + 86400,
            "Tuesday, 1 December 2026, 20:05 until Wednesday, 2 December 2026, 20:05 (Central European Time)",
        ),
        (
            at("2026-10-25T00:30+00:00"),
            at("2026-10-25T01:30+00:00"),
            "Sunday, 25 October 2026, 02:30 (Central European Summer Time) until 02:30 (Central European Time)",
        ),
    ],
)
def test_a_span_says_once_what_is_the_same(start: int, end: int, told: str) -> None:
    assert span(language_named("en"), BERLIN, start, end) == told


def test_a_machine_reads_utc() -> None:
    assert machine_moment(WINTER) == "2026-12-01T19:05:00Z"


def test_sizes_are_in_the_readers_notation() -> None:
    german, english = language_named("de"), language_named("en")
    assert [size(english, count) for count in (1, 184_400, 1_250_000)] == ["1 kB", "184 kB", "1.2 MB"]
    assert size(german, 1_250_000) == "1,2 MB"

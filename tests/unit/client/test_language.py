"""The language of the environment, and where its texts are found."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from flexnetd.client import language as module
from flexnetd.client.language import language_from_environment, language_named, msg, msgs

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("environment", "tag"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:de:en"}, "de"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "de"}, "en"),
    ],
)
def test_the_environment_chooses_the_language_as_for_every_program(environment: Mapping[str, str], tag: str) -> None:
    assert language_from_environment(environment).tag == tag


@pytest.mark.parametrize(
    ("environment", "clock_12h"),
    [({"LANG": "en_US.UTF-8"}, True), ({"LANG": "en_GB.UTF-8"}, False), ({"LANG": "en_US", "LC_TIME": "de_DE"}, False)],
)
def test_the_clock_has_twelve_hours_where_people_read_it_so(environment: Mapping[str, str], clock_12h: bool) -> None:
    assert language_from_environment(environment).clock_12h is clock_12h


def test_english_needs_no_catalogue() -> None:
    assert language_named("en").text(msg("Signed out")) == "Signed out"


def test_german_comes_from_the_catalogue_with_its_facts() -> None:
    assert language_named("de").text("Connected until {time}", time="20:00 Uhr") == "Verbunden bis 20:00 Uhr"


def test_a_number_chooses_its_form() -> None:
    hours = msgs("{number} hour", "{number} hours")
    assert [language_named("de").counted(hours, n) for n in (1, 2)] == ["1 Stunde", "2 Stunden"]


def test_a_catalogue_of_the_system_is_found_where_the_package_brings_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run([REPOSITORY / "po/compile", tmp_path], check=True)
    monkeypatch.setattr(module, "BESIDE_THE_PACKAGE", tmp_path / "nothing")
    monkeypatch.setattr(module, "OF_THE_SYSTEM", tmp_path)
    assert language_named("de").text("Signed out") == "Abgemeldet"


def test_without_any_catalogue_german_is_english_rather_than_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BESIDE_THE_PACKAGE", tmp_path)
    monkeypatch.setattr(module, "OF_THE_SYSTEM", tmp_path)
    assert language_named("de").text("Signed out") == "Signed out"


def test_the_operators_own_text_is_chosen_by_language_and_never_missing() -> None:
    german = language_named("de")
    assert german.of({"de": "Netz", "en": "Network"}) == "Netz"
    assert german.of({"en": "Network"}) == "Network"
    assert german.of({"nl": "Netwerk"}) == "Netwerk"
    assert german.of({}) == ""


def test_the_catalogues_hold_every_text_of_the_program_and_nothing_else(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.pot"
    subprocess.run([REPOSITORY / "po/update", fresh], check=True)
    kept = (REPOSITORY / "po/flexnetd.pot").read_text(encoding="utf-8")
    assert fresh.read_text(encoding="utf-8") == kept, "run po/update"


@pytest.mark.parametrize("po", sorted((REPOSITORY / "po").glob("*.po")), ids=lambda po: po.stem)
def test_a_catalogue_is_whole_and_its_facts_are_right(po: Path) -> None:
    checked = subprocess.run(
        ["msgfmt", "--check", "--statistics", "--output-file=/dev/null", po],
        check=True,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert "untranslated" not in checked.stderr
    assert "fuzzy" not in checked.stderr


def test_german_is_written_as_german_is_written() -> None:
    german = (REPOSITORY / "po/de.po").read_text(encoding="utf-8")
    told = [line for line in german.splitlines() if line.startswith("msgstr")]
    assert not [line for line in told if "“" in line and "„" not in line]
    assert not [line for line in told if any(word in line for word in ("fuer", "koenn", "Schluessel", "pruef"))]
    assert not [line for line in told if any(word in line.split() for word in ("du", "dein", "Du", "Dein"))]

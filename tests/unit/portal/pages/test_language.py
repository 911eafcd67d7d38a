"""Which language a browser gets, and whether the catalogue is whole."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flexnetd.portal.pages.language import language_named, preferred

REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    subprocess.run([REPOSITORY / "po/portal/compile"], check=True)


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("", "de"),
        ("de", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("de-AT;q=0.5, en;q=0.4", "de"),
        ("fr-FR, en;q=0.3, de;q=0.2", "en"),
        ("fr", "de"),
        ("en;q=0", "de"),
        ("en;q=nonsense, de;q=0.1", "de"),
        (",,;;q=1,", "de"),
        ("EN-us", "en"),
    ],
)
def test_the_language_is_the_one_that_the_browser_likes_best(asked: str, tag: str) -> None:
    assert preferred(asked) == tag


def test_texts_of_the_operator_are_chosen_by_language_and_never_missing() -> None:
    german = language_named("de")
    assert german.of({"de": "Netz", "en": "Network"}) == "Netz"
    assert german.of({"en": "Network"}) == "Network"
    assert german.of({"nl": "Netwerk"}) == "Netwerk"
    assert german.of({}) == ""
    assert language_named("en").text("Sign in") == "Sign in"
    assert german.text("Please wait {minutes} min and try again.", minutes=3).startswith("Bitte warten Sie 3 min")


def test_the_catalogue_holds_every_text_of_the_pages_and_nothing_else(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.pot"
    subprocess.run([REPOSITORY / "po/portal/update", fresh], check=True)
    kept = (REPOSITORY / "po/portal/flexnet-portal.pot").read_text(encoding="utf-8")
    assert fresh.read_text(encoding="utf-8") == kept, "run po/portal/update"


def test_german_is_whole_and_its_facts_are_right() -> None:
    checked = subprocess.run(
        ["msgfmt", "--check", "--statistics", "--output-file=/dev/null", REPOSITORY / "po/portal/de.po"],
        check=True,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert "untranslated" not in checked.stderr
    assert "fuzzy" not in checked.stderr


def test_german_is_written_as_german_is_written() -> None:
    german = (REPOSITORY / "po/portal/de.po").read_text(encoding="utf-8")
    told = [line for line in german.splitlines() if line.startswith("msgstr")]
    assert not [line for line in told if "“" in line and "„" not in line]
    assert not [line for line in told if any(word in line for word in ("fuer", "koenn", "Schluessel", "pruef"))]
    assert not [line for line in told if any(word in line.split() for word in ("du", "dein", "Du", "Dein"))]

"""docs/CODES.md is what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from flexnetd.client.language import language_named
from flexnetd.client.sentences.page import page

REPOSITORY = Path(__file__).resolve().parents[4]


def test_the_page_of_codes_is_the_catalogue() -> None:
    made = page((language_named("en"), language_named("de")))
    assert made == (REPOSITORY / "docs/CODES.md").read_text(encoding="utf-8"), (
        "run po/compile, then python -m flexnetd.client.sentences.page > docs/CODES.md"
    )

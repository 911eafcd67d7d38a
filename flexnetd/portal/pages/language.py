"""German and English on the pages. English is the text in code and templates, German a gettext catalogue.

`msg("...")` marks a text for the translators and returns it unchanged; facts in it are named in braces. Templates use
`_("...")` and `{% trans %}`. `po/portal/update` collects both, `po/portal/compile` writes what is read here.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DOMAIN = "flexnet-portal"
LANGUAGES = ("de", "en")
FIRST = "de"
"""For a browser that asks for neither."""

_FOLDER = Path(__file__).with_name("locale")


def msg(text: str) -> str:
    """Marks `text` for the translators."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    tag: str
    catalogue: gettext.NullTranslations

    def text(self, marked: str, **facts: object) -> str:
        """`marked` in this language, its {facts} filled in."""
        told = self.catalogue.gettext(marked)
        return told.format(**facts) if facts else told

    def of(self, by_language: Mapping[str, str]) -> str:
        """The operator's own text in this language; else in the other, else whatever there is."""
        for tag in (self.tag, *LANGUAGES):
            if by_language.get(tag):
                return by_language[tag]
        return next(iter(by_language.values()), "")


@cache
def language_named(tag: str) -> Language:
    """ "de" or "en". Raises FileNotFoundError when the German catalogue was not compiled: a page in the wrong language
    would be noticed by nobody who can mend it."""
    if tag == "en":
        return Language(tag, gettext.NullTranslations())
    return Language(tag, gettext.translation(DOMAIN, str(_FOLDER), [tag]))


def preferred(accept_language: str) -> str:
    """Of our languages the one that a browser likes best, by its Accept-Language. Pure."""
    liked = ((_quality(part), part.partition(";")[0].strip().lower()) for part in accept_language.split(","))
    ours = [(quality, tag.partition("-")[0]) for quality, tag in liked if quality > 0]
    ours = [(quality, tag) for quality, tag in ours if tag in LANGUAGES]
    return max(ours, key=lambda one: one[0])[1] if ours else FIRST


def _quality(part: str) -> float:
    name, _, value = part.partition(";")[2].strip().partition("=")
    if name.strip() != "q":
        return 1.0 if part.strip() else 0.0
    try:
        return float(value)
    except ValueError:
        return 0.0

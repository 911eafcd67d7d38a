"""The person's language, and text in it.

The rules:
- English is the text in the code; every other language is a gettext catalogue (`po/LANG.po`, compiled by `po/compile`).
  English needs no generated file.
- A compiled catalogue is looked for beside this package first (`flexnetd/client/locale/`), then in /usr/share/locale.
- `msg("...")` and `msgs("...", "...")` mark a text for the translators and return it unchanged, so that a table
  can stand at module level; `Language.text` and `Language.counted` put it into words when a person is there to read.
- Facts are named in braces ({host}); a text is filled with `str.format`, never with an expression of the fact's own.
- The language is LANGUAGE, LC_ALL, LC_MESSAGES, LANG, in this order, as every gettext program reads them.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "flexnetd"
BESIDE_THE_PACKAGE = Path(__file__).with_name("locale")
OF_THE_SYSTEM = Path("/usr/share/locale")
LANGUAGES = ("de", "en")


def msg(text: str) -> str:
    """Marks `text` for the translators."""
    return text


def msgs(one: str, many: str) -> tuple[str, str]:
    """Marks a text that counts something."""
    return one, many


@dataclass(frozen=True, slots=True)
class Language:
    """`tag` is "de" or "en"; `clock_12h` is true where people read "8:00 PM"."""

    tag: str
    catalogue: gettext.NullTranslations
    clock_12h: bool = False

    def text(self, marked: str, **facts: object) -> str:
        """`marked` in this language, its {facts} filled in."""
        told = self.catalogue.gettext(marked)
        return told.format(**facts) if facts else told

    def counted(self, marked: tuple[str, str], number: int) -> str:
        """The form of `marked` for `number`, {number} filled in."""
        return self.catalogue.ngettext(*marked, number).format(number=number)

    def of(self, by_language: Mapping[str, str]) -> str:
        """The operator's own text in this language; else in English, else in German, else whatever there is."""
        for tag in (self.tag, "en", "de"):
            if by_language.get(tag):
                return by_language[tag]
        return next(iter(by_language.values()), "")


def language_from_environment(environment: Mapping[str, str] = os.environ) -> Language:
    """The language that the person's environment asks for; English when it asks for none of ours."""
    time_words = environment.get("LC_ALL") or environment.get("LC_TIME") or environment.get("LANG") or ""
    clock_12h = time_words.partition(".")[0] in _TWELVE_HOURS
    for tag in _wanted(environment):
        if tag in LANGUAGES:
            return language_named(tag, clock_12h=clock_12h)
    return language_named("en", clock_12h=clock_12h)


def language_named(tag: str, *, clock_12h: bool = False) -> Language:
    """The language "de" or "en". German texts stay English when no compiled catalogue is there."""
    for folder in (BESIDE_THE_PACKAGE, OF_THE_SYSTEM):
        compiled = gettext.find(DOMAIN, str(folder), [tag])
        if tag != "en" and compiled is not None:
            return Language(tag, gettext.translation(DOMAIN, str(folder), [tag]), clock_12h)
    return Language(tag, gettext.NullTranslations(), clock_12h)


_TWELVE_HOURS = {"en_US", "en_CA", "en_AU", "en_NZ", "en_PH", "en_IN"}


def _wanted(environment: Mapping[str, str]) -> list[str]:
    """Language tags in order of preference. As in gettext, LANGUAGE counts only where a locale other than C is set."""
    chosen = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or "C"
    if chosen.partition(".")[0] in {"C", "POSIX"}:
        return ["en"]
    return [name.partition(".")[0].partition("_")[0] for name in (*environment.get("LANGUAGE", "").split(":"), chosen)]

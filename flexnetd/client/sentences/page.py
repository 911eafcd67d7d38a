"""docs/CODES.md: every code with its sentences in both languages, made from the catalogue.

`python -m flexnetd.client.sentences.page > docs/CODES.md` writes it, after po/compile; a test holds one to the other.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from string import Formatter

from flexnetd.client.language import Language, language_named
from flexnetd.client.sentences import CATALOGUE
from flexnetd.model.codes import Code

_HEAD = """\
# What the codes FN-nnn say

Every way in which something can go wrong has a code that never changes its meaning. `flexnetd/model/codes.py` declares
the codes and their facts, `flexnetd/client/sentences/` has the English sentences, `po/de.po` the German ones. This page
is made from them: `python -m flexnetd.client.sentences.page`. A fact that is filled in stands in *italics*; the
operator's contact follows every failure.
"""

_HUNDREDS = {
    "1": "Network and portal",
    "2": "Signing in and the session",
    "3": "The YubiKey",
    "4": "Grant and profile",
    "5": "The tunnel",
    "6": "The service and its callers",
    "7": "The operator’s side",
}


def page(languages: tuple[Language, ...]) -> str:
    return "\n".join(_lines(languages)) + "\n"


def _lines(languages: tuple[Language, ...]) -> Iterator[str]:
    yield _HEAD.rstrip()
    hundred = ""
    for code in sorted(Code, key=lambda code: code.value):
        if code.value[3] != hundred:
            hundred = code.value[3]
            yield f"\n## {hundred}xx: {_HUNDREDS[hundred]}"
        yield f"\n### {code.value} {code.name}\n"
        for language in languages:
            yield f"- {language.tag}: {_told(code, language)}"


def _told(code: Code, language: Language) -> str:
    """The sentence and the next step, what the IT service learns, and in brackets the sentence without facts."""
    words = CATALOGUE[code]
    texts = [language.text(words.sentence), language.text(words.next_step)]
    texts += [f"({language.text(words.brief)})"] if words.brief else []
    texts += [f"[{language.text(words.support)}]"] if words.support else []
    return " ".join(_italics(text) for text in texts)


def _italics(text: str) -> str:
    return "".join(before + (f"*{fact}*" if fact else "") for before, fact, _, _ in Formatter().parse(text))


def main() -> None:
    sys.stdout.write(page((language_named("en"), language_named("de"))))


if __name__ == "__main__":
    main()

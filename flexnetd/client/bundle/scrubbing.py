"""Taking secrets and names out of a text. Pure.

By their shapes, since a text does not say what is secret in it: rather too much goes than too little. A WireGuard key
is 43 letters of base64 and "=", a code of the YubiKey 32 to 48 of sixteen letters (or 6 to 8 digits), a token a long
run of letters and digits. Each leaves a word that says what was there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [^-]*-----.*?(-----END [^-]*-----|\Z)", re.DOTALL), "<PEM>"),
    (
        re.compile(
            r"""(?ix) \b ( pass(word|wort|wd|phrase) | kennwort | secret | token | psk | otp | pin | authorization
            | cookie | (private|preshared)[\s_-]*key ) \b (["']? \s* [=:] \s*)
            ("[^"]*" | '[^']*' | (bearer\s+)? \S+)"""
        ),
        r"\1\4<removed>",
    ),
    (re.compile(r"(?i)\bbearer\s+\S+"), "<token>"),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!\w)"), "<key>"),
    (re.compile(r"(?i)\b[cbdefghijklnrtuv]{32,48}\b"), "<code>"),
    (re.compile(r"(?i)\b[0-9a-f]{32,}\b"), "<hex>"),
    (re.compile(r"\b[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}"), "<token>"),
    # Letters and digits mixed, as no word and hardly a path is: in base64url, and in base64.
    (re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{28,}={0,2}(?![\w.])"), "<token>"),
    (re.compile(r"(?<![\w/.-])(?=[\w+/]*\d)(?=[\w+/]*[A-Z])(?=[\w+/]*[a-z])[A-Za-z0-9+/]{40,}={0,2}"), "<token>"),
    (re.compile(r"(?<![\w.:-])\d{6,8}(?![\w.:-]*\w)"), "<digits>"),
)


def scrubbed(text: str, names: Mapping[str, str] | None = None) -> str:
    """`text` without secrets. `names` are words to take out, too, with what stands in their place."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    for name, instead in (names or {}).items():
        text = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", instead, text)
    return text


def names_to_hide(people: Iterable[str], computer: str) -> dict[str, str]:
    """Every name, the longest first, so that none is left in halves. One letter alone hides nothing."""
    parts = {part for person in people for part in (person, *re.split(r"[^\w-]+", person))}
    hidden = {part: "<name>" for part in parts if len(part) > 1}
    hidden |= {part: "<computer>" for part in (computer, computer.partition(".")[0]) if len(part) > 1}
    return dict(sorted(hidden.items(), key=lambda item: len(item[0]), reverse=True))

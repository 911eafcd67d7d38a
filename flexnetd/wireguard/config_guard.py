"""What a configuration text may look like, before a library sees it. Pure.

The rules:
- Bytes first: at most 64 KiB, strict UTF-8, no byte-order mark, no NUL, CR or other control character.
- One `[Interface]`, then one `[Peer]`; in each the keys of a closed list, each at most once, spelt as here. A hook
  (PreUp, PostUp ...) and a private key are keys like any other that is not on the list.
- A line is empty, a comment of its own, a section or `key = value`. A value is printable ASCII without `#`: nothing is
  cut off, nothing is hidden. `#!`, with which wgconfig disables lines, stands nowhere.
What passes is read by wgconfig (`config_library.py`), whose reading is then held against this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

LONGEST = 64 * 1024
INTERFACE = "Interface"
PEER = "Peer"
KEYS: Mapping[str, tuple[str, ...]] = {
    INTERFACE: ("Address", "DNS", "MTU"),
    PEER: ("PublicKey", "PresharedKey", "AllowedIPs", "Endpoint", "PersistentKeepalive"),
}

_SECTION = re.compile(r"\[([^\]]*)\]")
_VALUE = re.compile(r"[!-~]+(?:[ \t]+[!-~]+)*", re.ASCII)
_LONGEST_TOLD = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """A value as it stands in the text, and the number of its line, from 1."""

    value: str
    line: int


Settings = Mapping[tuple[str, str], Setting]
"""By section and key."""


def guarded_text(data: bytes) -> str:
    """The text of the bytes. Raises Fault: GRANT_TOO_LARGE, GRANT_MALFORMED(field="encoding")."""
    if len(data) > LONGEST:
        raise Fault(Code.GRANT_TOO_LARGE, limit_bytes=LONGEST)
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Fault(Code.GRANT_MALFORMED, field="encoding") from None
    if not all(letter.isprintable() or letter in "\n\t" for letter in text):
        raise Fault(Code.GRANT_MALFORMED, field="encoding")
    return text


def settings(text: str) -> Settings:
    """The settings of a guarded text. Raises Fault: GRANT_CONFIG_KEY, GRANT_DUPLICATE, GRANT_MALFORMED(field)."""
    found: dict[tuple[str, str], Setting] = {}
    sections: list[str] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip(" \t")
        if "#!" in line:
            raise Fault(Code.GRANT_CONFIG_KEY, key="#!", line=number)
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            sections.append(_section(line, number, sections))
            continue
        key, value = _setting(line, number, sections)
        if (sections[-1], key) in found:
            raise Fault(Code.GRANT_DUPLICATE, key=key, line=number)
        found[sections[-1], key] = Setting(value, number)
    if sections != [INTERFACE, PEER]:
        raise Fault(Code.GRANT_MALFORMED, field="sections")
    return found


def _section(line: str, number: int, sections: list[str]) -> str:
    match = _SECTION.fullmatch(line)
    if match is None or match[1] not in KEYS:
        raise Fault(Code.GRANT_CONFIG_KEY, key=line[:_LONGEST_TOLD], line=number)
    if match[1] in sections:
        raise Fault(Code.GRANT_DUPLICATE, key=match[0], line=number)
    return match[1]


def _setting(line: str, number: int, sections: list[str]) -> tuple[str, str]:
    key, _, value = (part.strip(" \t") for part in line.partition("="))
    if not sections or key not in KEYS[sections[-1]]:
        raise Fault(Code.GRANT_CONFIG_KEY, key=key[:_LONGEST_TOLD], line=number)
    if not _VALUE.fullmatch(value) or "#" in value:
        raise Fault(Code.GRANT_MALFORMED, field=key)
    return key, value

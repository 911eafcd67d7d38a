"""Reading a profile's file, `/etc/flexnetd/profiles.d/NAME.toml`. packaging/profile-example/example.toml shows one.

The file is root's word on what a portal may ask of this machine, so nothing in it is guessed: every key must be known,
of its type and within sense, and what is not is a fault that names file, line and key. A mistake that would widen the
ceiling (a whole address family, a top-level domain, somebody else's network) is refused here, before a portal is asked.

Pure: text in, a `Profile` out. Whether the file belongs to root is for the one who opens it to say
(PROFILE_OWNERSHIP).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeVar

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Ceiling, Contact, Profile, Scope, Trust
from flexnetd.model.profile_values import read_domain, read_host_port, read_key, read_origin, read_prefix
from flexnetd.model.toml_lines import TomlMalformed, read_toml
from flexnetd.model.toml_table import Table, TomlMissing, TomlUnknown, TomlWrong

T = TypeVar("T")
Word = TypeVar("Word", bound=Enum)

LONGEST_SESSION_S = 31 * 86400
MOST_GRANT_KEYS = 4

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_LANGUAGES = (("de", False), ("en", True))
"""Each language, and whether it may be left out."""

_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, and those that turn the direction of a text round: a name is shown to people."""


def read_profile(text: str, file: str) -> Profile:
    """The profile that `text` is. Its name is the stem of `file`, which every fault names as it is given here.

    Raises Fault: PROFILE_UNKNOWN_KEY, PROFILE_MISSING_KEY, PROFILE_MALFORMED.
    """
    name = profile_name(file)
    try:
        return _profile(name, Table(read_toml(text)))
    except TomlMalformed as wrong:
        raise Fault(Code.PROFILE_MALFORMED, file=file, line=wrong.line, key="", problem=wrong.problem) from None
    except TomlMissing as wrong:
        raise Fault(Code.PROFILE_MISSING_KEY, file=file, key=wrong.key) from None
    except TomlUnknown as wrong:
        raise Fault(Code.PROFILE_UNKNOWN_KEY, file=file, line=wrong.line, key=wrong.key) from None
    except TomlWrong as wrong:
        raise Fault(Code.PROFILE_MALFORMED, file=file, line=wrong.line, key=wrong.key, problem=wrong.problem) from None


def profile_name(file: str) -> str:
    """The name of the profile in `file`. It becomes part of a D-Bus object path: letters, digits and "_" only.

    Raises Fault: PROFILE_MALFORMED.
    """
    stem, dot, ending = file.rpartition("/")[2].rpartition(".")
    if dot + ending != ".toml" or not is_profile_name(stem):
        raise Fault(Code.PROFILE_MALFORMED, file=file, line=1, key="", problem="must be named [a-z][a-z0-9_]*.toml")
    return stem


def is_profile_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _profile(name: str, root: Table) -> Profile:
    profile = Profile(
        name=name,
        display_name=_by_language(root.table("display_name"), _shown),
        portal_origin=_one(root, "portal", read_origin),
        trust=_trust(root.table("trust")),
        grant_keys=_grant_keys(root.table("grant")),
        weakest_factor=_word(root, "weakest_factor", Factor),
        contact=_by_language(root.table("contact"), _contact),
        ceiling=_ceiling(root.table("ceiling")),
        scope=_word(root, "scope", Scope) if "scope" in root else Scope.OWNER,
    )
    root.done()
    return profile


def _trust(trust: Table) -> Trust:
    if "pins" not in trust:
        ca_file = _shown(trust, "ca_file")
        trust.done()
        if not ca_file.startswith("/"):
            trust.refuse("ca_file", "must be an absolute path")
        return Trust(ca_file=ca_file)
    if "ca_file" in trust:
        trust.refuse("pins", "must not stand beside a ca_file")
    _many(trust, "pins", read_key, 2)
    pins = trust.texts("pins")
    trust.done()
    if len(pins) != 2:
        # One in use and one in the safe: with a single pin, a lost key locks everybody out.
        trust.refuse("pins", "must be exactly two")
    return Trust(pins=pins)


def _grant_keys(grant: Table) -> tuple[bytes, ...]:
    keys = _many(grant, "keys", read_key, MOST_GRANT_KEYS)
    grant.done()
    return keys


def _contact(languages: Table, language: str) -> Contact:
    table = languages.table(language)
    contact = Contact(
        name=_shown(table, "name"),
        telephone=_shown(table, "telephone"),
        email=_shown(table, "email") if "email" in table else "",
        hours=_shown(table, "hours") if "hours" in table else "",
    )
    table.done()
    return contact


def _ceiling(table: Table) -> Ceiling:
    ceiling = Ceiling(
        prefixes=_many(table, "prefixes", read_prefix, 256),
        domains=_many(table, "domains", read_domain, 32, least=0),
        gateways=_many(table, "gateways", read_host_port, 64),
        longest_session_s=table.integer("longest_session_s", 1, LONGEST_SESSION_S),
    )
    table.done()
    return ceiling


def _one(table: Table, key: str, read: Callable[[str], T]) -> T:
    text = table.text(key)
    try:
        return read(text)
    except ValueError as wrong:
        table.refuse(key, str(wrong))


def _many(table: Table, key: str, read: Callable[[str], T], most: int, least: int = 1) -> tuple[T, ...]:
    """Distinct values; what is wrong with one is told on its own line."""
    texts = table.texts(key, most=most)
    if len(texts) < least:
        table.refuse(key, "must not be empty")
    values: list[T] = []
    for index, text in enumerate(texts):
        try:
            value = read(text)
        except ValueError as wrong:
            table.refuse(key, str(wrong), index)
        if value in values:
            table.refuse(key, "stands here twice", index)
        values.append(value)
    return tuple(values)


def _word(table: Table, key: str, words: type[Word]) -> Word:
    text = table.text(key)
    try:
        return words(text)
    except ValueError:
        table.refuse(key, "must be one of " + ", ".join(word.value for word in words))


def _by_language(table: Table, read: Callable[[Table, str], T]) -> Mapping[str, T]:
    told = {language: read(table, language) for language, optional in _LANGUAGES if not optional or language in table}
    table.done()
    return told


def _shown(table: Table, key: str) -> str:
    """A single line that people will read."""
    text = table.text(key, most=200)
    if _UNSHOWABLE.search(text):
        table.refuse(key, "must be a single line without control characters")
    return text

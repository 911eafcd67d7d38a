"""A fault's facts as words.

The name of a fact says what it is: `seconds` and `..._s` are durations, `..._at` times, `..._bytes` sizes, `errno` the
kernel's number; a few have known words (`factor`, `action`, `problem` ...). Everything else is shown as it is, but made
harmless first: facts may come from another machine, and a terminal obeys control characters.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from flexnetd.client.language import Language, msg
from flexnetd.client.times import duration_text, time_text
from flexnetd.model.fault import Fact

LONGEST_FACT = 200

KNOWN_WORDS: Mapping[str, str] = {
    "emergency-code": msg("emergency code"),
    "oath-hotp": msg("digits from the YubiKey"),
    "yubico-otp": msg("code from the YubiKey"),
    "yubikey-hmac": msg("touch of the YubiKey"),
    "fido2": msg("security key (FIDO2)"),
    "org.flexnetd.sign-in": msg("sign in"),
    "org.flexnetd.disconnect": msg("sign out another person"),
    "org.flexnetd.manage-profiles": msg("install profiles"),
    "org.flexnetd.diagnostics": msg("read the diagnostics"),
    "username": msg("user name"),
    "password": msg("password"),
    "new-password": msg("new password"),
    "activation": msg("activation code"),
    "otp": msg("code"),
    "serial": msg("number of the key"),
    "empty": msg("nothing was entered"),
    "length": msg("it is too short or too long"),
    "letters": msg("there are other letters in it"),
    "keyboard-layout": msg("the keyboard is set to another layout"),
    "other-slot": msg("the key was pressed too long or too short"),
    "several-codes": msg("the key was pressed several times"),
    "file-exists": msg("it exists already"),
    "no-folder": msg("there is no such folder"),
    "no-right": msg("you may not write there"),
    "no-room": msg("there is no room left"),
    "not-writable": msg("the system does not allow it"),
    "user": msg("user"),
    "key": msg("key"),
    "session": msg("session"),
    "notice": msg("notice"),
    "gateway": msg("gateway"),
    "file": msg("file"),
    "page": msg("page"),
    "security-updates": msg("security updates"),
    "automatic-updates": msg("automatic updates"),
    "restart": msg("restart after updates"),
    "release-support": msg("support of the operating system"),
    "firewall": msg("firewall"),
    "virus-scanner": msg("virus scanner"),
    "own-account": msg("account without administrator’s rights"),
    "no-autologin": msg("login with a password"),
}

# Translators: the decimal mark.
_DECIMAL_MARK = msg(".")

_WORDED_FACTS = frozenset({"factor", "weakest", "action", "argument", "problem", "check", "kind"})


def told_facts(language: Language, facts: Mapping[str, Fact], now: float) -> dict[str, str]:
    """Every fact as text, ready to be filled into a sentence. `now` in seconds since the epoch."""
    return {name: _told(language, name, value, now) for name, value in facts.items()}


def printable(text: str, longest: int = LONGEST_FACT) -> str:
    """`text` on one line, without characters that a terminal obeys, at most `longest` of them."""
    safe = "".join(character if character.isprintable() else " " for character in text[: longest + 1])
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


def _told(language: Language, name: str, value: Fact, now: float) -> str:
    if isinstance(value, int):
        return _told_number(language, name, value, now)
    if name in _WORDED_FACTS and value in KNOWN_WORDS:
        return language.text(KNOWN_WORDS[value])
    return printable(value)


def _told_number(language: Language, name: str, value: int, now: float) -> str:
    if name == "seconds" or name.endswith("_s"):
        return duration_text(language, value)
    if name.endswith("_at"):
        return time_text(language, value, now)
    if name.endswith("_bytes"):
        return size_text(language, value)
    if name == "errno":
        return errno.errorcode.get(value, str(value))
    return str(value)


def size_text(language: Language, size_bytes: int) -> str:
    """1536 -> "1.5 KiB", in German "1,5 KiB"."""
    size, unit = float(size_bytes), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    number = f"{size:.1f}".removesuffix(".0")
    return number.replace(".", language.text(_DECIMAL_MARK)) + f" {unit}"

"""Nobody is logged in without a password when the computer starts (A1.26).

A display manager reads several files, the later ones win; what it does not know it ignores. One that we do not know
leaves the answer unknown; a computer without any asks at the text console, where an override of getty counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import NotKnown, failed, passed

_CHECK = Check.NO_AUTOLOGIN

KNOWN: Mapping[str, str] = {"gdm": "gdm", "gdm3": "gdm", "lightdm": "lightdm", "sddm": "sddm"}
"""The name of a display manager's unit, and whose settings those are."""

_GETTY = re.compile(r"^\s*ExecStart=.*\s(--autologin|-a)[\s=]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AutologinFacts:
    """`display_manager` by its unit's name without ".service", "" for none; the texts of its files in the order in
    which it reads them, and of the files that change or replace getty's unit."""

    display_manager: str
    texts: tuple[str, ...] = ()
    getty_texts: tuple[str, ...] = ()


def judge(facts: AutologinFacts) -> Verdict:
    if any(_GETTY.search(text) for text in facts.getty_texts):
        return failed(_CHECK, Reason.AUTOLOGIN, by="getty")
    if not facts.display_manager:
        return passed(_CHECK)
    kind = KNOWN.get(facts.display_manager)
    if kind is None:
        raise NotKnown(Reason.LOGIN_SCREEN_NOT_KNOWN, facts.display_manager)
    if _logs_in(kind, _settings(facts.texts)):
        return failed(_CHECK, Reason.AUTOLOGIN, by=facts.display_manager)
    return passed(_CHECK, by=facts.display_manager)


def _logs_in(kind: str, settings: ConfigParser) -> bool:
    if kind == "gdm":
        return any(_true(settings, "daemon", key) for key in ("automaticloginenable", "timedloginenable"))
    if kind == "sddm":
        return bool(settings.get("Autologin", "User", fallback=""))
    seats = [name for name in settings.sections() if name.startswith(("Seat:", "SeatDefaults"))]
    return any(settings.get(seat, "autologin-user", fallback="") for seat in seats)


def _true(settings: ConfigParser, section: str, key: str) -> bool:
    return settings.get(section, key, fallback="").strip().lower() in {"true", "1", "yes", "on"}


def _settings(texts: tuple[str, ...]) -> ConfigParser:
    settings = ConfigParser(strict=False, interpolation=None, allow_no_value=True, default_section="\0")
    for text in texts:
        try:
            settings.read_string(text)
        except ConfigError:
            raise NotKnown(Reason.NOT_UNDERSTOOD, "display manager") from None
    return settings

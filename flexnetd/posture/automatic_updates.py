"""Updates install themselves: unattended-upgrades is on, not merely there.

Four things must hold, and each alone looks like "on": the program is installed; the periodic settings name both the
fetching of lists and the upgrade with another interval than 0; a pattern admits the security archive; systemd's timers
that start the two, apt-daily for the lists and apt-daily-upgrade, are enabled and not masked: an upgrade by lists that
nobody fetches brings nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import NotKnown, failed, passed

_CHECK = Check.AUTOMATIC_UPDATES
_SETTING = re.compile(r'^(\S+) "(.*)";$')
_ORIGINS = ("Unattended-Upgrade::Origins-Pattern::", "Unattended-Upgrade::Allowed-Origins::")
TIMERS = ("apt-daily.timer", "apt-daily-upgrade.timer")
PERIODS = ("APT::Periodic::Update-Package-Lists", "APT::Periodic::Unattended-Upgrade")


@dataclass(frozen=True, slots=True)
class AutomaticFacts:
    """`settings` is what `apt-config dump` says; `timers_off` those of TIMERS that are not enabled, or masked."""

    installed: bool
    settings: str
    timers_off: tuple[str, ...] = ()


def judge(facts: AutomaticFacts) -> Verdict:
    """Raises NotKnown TOOL_MISSING: updates may be brought by something else that is not known here."""
    if not facts.installed:
        raise NotKnown(Reason.TOOL_MISSING, "unattended-upgrades")
    settings = settings_from_dump(facts.settings)
    off = _first_off(settings, facts.timers_off)
    if off:
        return failed(_CHECK, Reason.AUTOMATIC_OFF, off=off)
    return passed(_CHECK, interval=_value(settings, PERIODS[1]))


def settings_from_dump(text: str) -> Mapping[str, tuple[str, ...]]:
    """Every value of every setting; names end in "::" where it is a list."""
    settings: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        match = _SETTING.match(line)
        if match:
            settings[match[1]] = (*settings.get(match[1], ()), match[2])
    return settings


def _first_off(settings: Mapping[str, tuple[str, ...]], timers_off: tuple[str, ...]) -> str:
    if _value(settings, "APT::Periodic::Enable") == "0":
        return "APT::Periodic::Enable"
    for name in PERIODS:
        if _never(_value(settings, name)):
            return name
    origins = [value for name in _ORIGINS for value in settings.get(name, ())]
    if not any("security" in origin.lower() for origin in origins):
        return "Unattended-Upgrade::Origins-Pattern"
    return next(iter(timers_off), "")


def _never(interval: str) -> bool:
    """An interval is a number of days, or with s, m, h, d of other units, or "always"; none and 0 are never."""
    return interval != "always" and not re.match(r"0*[1-9]", interval)


def _value(settings: Mapping[str, tuple[str, ...]], name: str) -> str:
    """The last one counts; "" where it is not set."""
    return settings.get(name, ("",))[-1]

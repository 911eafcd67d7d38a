"""The virus scanners that are installed."""

from __future__ import annotations

from pathlib import Path

from flexnetd.posture.clamav import HEADER_BYTES, ClamFacts
from flexnetd.posture.collect.files import text_if_there
from flexnetd.posture.collect.programs import output_of
from flexnetd.posture.collect.units import enabled, runs
from flexnetd.posture.defender import DefenderFacts, facts_from_health
from flexnetd.posture.verdicts import NotKnown
from flexnetd.posture.virus_scanner import Scanner

_CLAMAV = ("usr/bin/freshclam", "usr/bin/clamscan", "usr/sbin/clamd")
_DATABASES = ("daily.cld", "daily.cvd")
_UPDATERS = ("clamav-freshclam.service",)
_UPDATER_TIMERS = ("clamav-freshclam-once.timer",)
_UPDATER_CRON = "etc/cron.d/clamav-freshclam"
DEFENDER = ("usr/bin/mdatp", "usr/local/bin/mdatp")


def scanners(now: float, root: Path) -> tuple[Scanner, ...]:
    found: list[Scanner] = []
    if any((root / program).exists() for program in _CLAMAV):
        found.append(_tried_clamav(now, root))
    program = next((root / path for path in DEFENDER if (root / path).exists()), None)
    if program is not None:
        found.append(_defender(program))
    return tuple(found)


def _tried_clamav(now: float, root: Path) -> ClamFacts | NotKnown:
    try:
        return _clamav(now, root)
    except NotKnown as why:
        return why


def _clamav(now: float, root: Path) -> ClamFacts:
    updater = (
        any(runs(unit, root) for unit in _UPDATERS)
        or any(enabled(unit, root) for unit in _UPDATER_TIMERS)
        or (root / _UPDATER_CRON).exists()
    )
    settings = text_if_there(root / "etc/clamav/freshclam.conf")
    return ClamFacts(now, _headers(root / "var/lib/clamav"), updater, settings, runs("clamav-daemon.service", root))


def _headers(folder: Path) -> tuple[bytes, ...]:
    found = []
    for name in _DATABASES:
        if (folder / name).exists():
            with (folder / name).open("rb") as file:
                found.append(file.read(HEADER_BYTES))
    return tuple(found)


def _defender(program: Path) -> DefenderFacts | NotKnown:
    try:
        return facts_from_health(output_of((str(program), "health", "--output", "json")))
    except NotKnown as why:
        return why

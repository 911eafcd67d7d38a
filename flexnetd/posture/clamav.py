"""ClamAV: its definitions are recent, and something fetches them daily.

The date is the one in the database's own header. Neither freshclam.dat nor freshclam's exit status prove anything
during its cool-down, and a file's time is when it was copied. ClamAV itself has once had nothing new for four days
(October 2025), so age fails late.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import DAY_S, NotKnown, days, failed, passed

DEFINITIONS_OLD_S = 7 * DAY_S
CLOCK_SLACK_S = DAY_S
HEADER_BYTES = 512

_CHECK = Check.VIRUS_SCANNER
_MAGIC = "ClamAV-VDB"
_CHECKS = re.compile(r"^\s*Checks\s+(\d+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ClamFacts:
    """`headers` of the daily databases that are there (.cvd, .cld). `updater`: freshclam runs as a service or a timer;
    `updater_settings` is the text of freshclam.conf, "" without. `daemon`: clamd runs."""

    now: float
    headers: tuple[bytes, ...]
    updater: bool
    updater_settings: str
    daemon: bool


def judge(facts: ClamFacts) -> Verdict:
    if not facts.headers:
        return failed(_CHECK, Reason.NO_DEFINITIONS, scanner="clamav")
    age_s = facts.now - max(built_at(header) for header in facts.headers)
    if age_s < -CLOCK_SLACK_S:
        raise NotKnown(Reason.NOT_UNDERSTOOD, "definitions from the future: the clock is wrong")
    evidence = {
        "scanner": "clamav",
        "definitions_age_days": days(max(0.0, age_s)),
        "daemon": "running" if facts.daemon else "off",
    }
    if age_s > DEFINITIONS_OLD_S:
        return failed(_CHECK, Reason.DEFINITIONS_OLD, **evidence)
    if not facts.updater or _checks_a_day(facts.updater_settings) == 0:
        return failed(_CHECK, Reason.UPDATER_OFF, **evidence)
    return passed(_CHECK, **evidence)


def built_at(header: bytes) -> float:
    """Seconds since the epoch, from a database's first 512 bytes:

    ClamAV-VDB:24 Nov 2026 09-31 +0000:28012:355213:90:MD5:SIGNATURE:BUILDER:1795512660, padded with blanks.
    https://docs.clamav.net/manual/Signatures.html
    """
    fields = header[:HEADER_BYTES].decode("latin-1").strip().split(":")
    if fields[0] != _MAGIC or len(fields) < 2:
        raise NotKnown(Reason.NOT_UNDERSTOOD, "header of a ClamAV database")
    if len(fields) > 8 and fields[8].isascii() and fields[8].isdigit():
        return float(fields[8])
    try:
        return datetime.strptime(fields[1], "%d %b %Y %H-%M %z").timestamp()
    except ValueError:
        raise NotKnown(Reason.NOT_UNDERSTOOD, "date of a ClamAV database") from None


def _checks_a_day(settings: str) -> int:
    """freshclam's own default is 12."""
    found = _CHECKS.findall(settings)
    return int(found[-1]) if found else 12

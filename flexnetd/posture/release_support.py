"""The distribution's release still gets security updates.

The ends come from the distribution's own table (package distro-info-data), which is kept current by updates; where it
is not installed, from ours, which knows what was known when it was written. A release that neither knows is unknown:
it may be newer than both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import NotKnown, failed, passed

_CHECK = Check.RELEASE_SUPPORT

# https://www.debian.org/lts/ and https://ubuntu.com/about/release-cycle, as of November 2026; the free support.
ENDS: Mapping[tuple[str, str], date] = {
    ("debian", "buster"): date(2024, 6, 30),
    ("debian", "bullseye"): date(2026, 8, 31),
    ("debian", "bookworm"): date(2028, 6, 30),
    ("debian", "trixie"): date(2030, 6, 30),
    ("ubuntu", "bionic"): date(2023, 5, 31),
    ("ubuntu", "focal"): date(2025, 5, 31),
    ("ubuntu", "jammy"): date(2027, 6, 1),
    ("ubuntu", "noble"): date(2029, 5, 31),
    ("ubuntu", "oracular"): date(2025, 7, 10),
    ("ubuntu", "plucky"): date(2026, 1, 15),
    ("ubuntu", "questing"): date(2026, 7, 9),
    ("ubuntu", "resolute"): date(2031, 5, 29),
}

_FREE = ("eol", "eol-server", "eol-lts")
"""The columns of the table that cost nothing; a paid extension is nothing that we can see."""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """`os_release` is the text of /etc/os-release, `table` of /usr/share/distro-info/ID.csv, "" where it is not."""

    today: date
    os_release: str
    table: str


def judge(facts: ReleaseFacts) -> Verdict:
    words = words_of(facts.os_release)
    name, codename = words.get("ID", ""), words.get("VERSION_CODENAME", "")
    end = end_in(facts.table, codename) or ENDS.get((name, codename))
    if end is None:
        raise NotKnown(Reason.RELEASE_NOT_KNOWN, f"{name} {codename}".strip())
    evidence = {"release": f"{name} {codename}", "supported_until": end.isoformat()}
    if facts.today > end:
        return failed(_CHECK, Reason.SUPPORT_ENDED, **evidence)
    return passed(_CHECK, **evidence)


def words_of(os_release: str) -> Mapping[str, str]:
    """https://www.freedesktop.org/software/systemd/man/latest/os-release.html; plain quoting is enough here."""
    found = re.findall(r"^([A-Z_]+)=[\"']?([^\"'\n]*)[\"']?$", os_release, re.MULTILINE)
    return dict(found)


def end_in(table: str, codename: str) -> date | None:
    """The last day of free support of the series `codename`; None when the table does not say."""
    lines = [line.split(",") for line in table.splitlines()]
    if not lines or "series" not in lines[0]:
        return None
    header = lines[0]
    for line in lines[1:]:
        row = dict(zip(header, line, strict=False))
        if row.get("series") == codename:
            return max((_day(row[name]) for name in _FREE if row.get(name)), default=None)
    return None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotKnown(Reason.NOT_UNDERSTOOD, "distro-info") from None

"""Security updates come regularly (KBV guideline A1.14 to A1.17): nothing is pending that this computer knows of, and
what it knows is not old.

How old the knowledge is, is told by the security archive's own signed date inside the list, not by the file's time: a
file that was fetched again without news, or an update that failed, has a fresh time too. The archive dates its list
anew at least every week, so one older than LISTS_OLD_S was not fetched lately.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import DAY_S, NotKnown, days, failed, passed

LISTS_OLD_S = 10 * DAY_S
MOST_NAMES = 5
CLOCK_SLACK_S = DAY_S

_CHECK = Check.SECURITY_UPDATES
# Inst NAME [OLD] (NEW ORIGIN:VERSION/SUITE, ... [ARCHITECTURE])
_UPGRADE = re.compile(r"^Inst (\S+) \[[^\]]*\] \(\S+ (.*)\[\S+\]\)")


@dataclass(frozen=True, slots=True)
class UpdateFacts:
    """`list_dated_at`: the newest date of a security archive's list, in seconds since the epoch, None without such an
    archive. `pending`: packages of which a security update is known and not installed."""

    now: float
    list_dated_at: float | None
    pending: tuple[str, ...]


def judge(facts: UpdateFacts) -> Verdict:
    if facts.list_dated_at is None:
        return failed(_CHECK, Reason.NO_SECURITY_SOURCE)
    age_s = facts.now - facts.list_dated_at
    if age_s < -CLOCK_SLACK_S:
        raise NotKnown(Reason.NOT_UNDERSTOOD, "a list from the future: the clock is wrong")
    evidence = {"list_age_days": days(max(0.0, age_s)), "pending": str(len(facts.pending))}
    if age_s > LISTS_OLD_S:
        return failed(_CHECK, Reason.LISTS_OLD, **evidence)
    if facts.pending:
        return failed(_CHECK, Reason.UPDATES_PENDING, **evidence, packages=" ".join(facts.pending[:MOST_NAMES]))
    return passed(_CHECK, **evidence)


def security_list_date(headers: Iterable[str]) -> float | None:
    """The newest date among the lists (the texts of Release files) that are of a security archive.

    Debian's says so by its label ("Debian-Security"), Ubuntu's by its suite ("noble-security").
    """
    dates = [_date(text) for text in headers if _is_security(text)]
    return max(dates, default=None)


def pending_security(simulation: str) -> tuple[str, ...]:
    """The packages in what `apt-get --simulate dist-upgrade` would do that come from a security archive."""
    found = (_UPGRADE.match(line) for line in simulation.splitlines())
    return tuple(match[1] for match in found if match and "security" in match[2].lower())


def _is_security(text: str) -> bool:
    told = " ".join(_field(text, name) for name in ("Label", "Suite", "Codename"))
    return "security" in told.lower()


def _date(text: str) -> float:
    try:
        return parsedate_to_datetime(_field(text, "Date")).timestamp()
    except ValueError:
        raise NotKnown(Reason.NOT_UNDERSTOOD, "date of a package list") from None


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*)$", text, re.MULTILINE)
    return found[1] if found else ""

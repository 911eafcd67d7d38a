"""apt's lists, what it would upgrade, and what it does by itself. Nothing is fetched and nothing is locked."""

from __future__ import annotations

from pathlib import Path

from flexnetd.model.posture import Reason
from flexnetd.posture.automatic_updates import TIMERS, AutomaticFacts
from flexnetd.posture.collect.files import text_of
from flexnetd.posture.collect.programs import output_of
from flexnetd.posture.collect.units import enabled
from flexnetd.posture.security_updates import UpdateFacts, pending_security, security_list_date
from flexnetd.posture.verdicts import NotKnown

HEADER_BYTES = 4096
# Without --ignore-hold, a package that somebody held back is left out silently; without the other, being so quiet means
# "yes" to apt, which then refuses to touch what is held, and fails.
SIMULATION = (
    *("apt-get", "--simulate", "--quiet=2", "--ignore-hold", "--allow-change-held-packages"),
    "dist-upgrade",
)


def updates(now: float, root: Path) -> UpdateFacts:
    folder = root / "var/lib/apt/lists"
    if not folder.is_dir():
        raise NotKnown(Reason.TOOL_MISSING, "apt")
    found = (*folder.glob("*_InRelease"), *folder.glob("*_Release"))
    dated_at = security_list_date(text_of(path, HEADER_BYTES) for path in found)
    return UpdateFacts(now, dated_at, () if dated_at is None else pending_security(output_of(SIMULATION)))


def automatic(root: Path) -> AutomaticFacts:
    installed = (root / "usr/bin/unattended-upgrade").exists()
    settings = output_of(("apt-config", "dump")) if installed else ""
    return AutomaticFacts(installed, settings, tuple(timer for timer in TIMERS if not enabled(timer, root)))

"""Every check, one after the other: what the worker's verb `posture` does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture import (
    automatic_updates,
    firewall,
    no_autologin,
    own_account,
    release_support,
    restart,
    security_updates,
    virus_scanner,
)
from flexnetd.posture.collect import accounts, apt, display_manager, filters, kernels, release, scanners
from flexnetd.posture.verdicts import NotKnown, not_known

ROOT = Path("/")


def survey(ruleset: str, owner_uid: int, now: float | None = None, root: Path = ROOT) -> tuple[Verdict, ...]:
    """A verdict for every check. `ruleset` is the JSON of `nft -j -t list ruleset`, "" when it could not be had; `now`
    in seconds since the epoch; the files are looked for below `root`."""
    at = time.time() if now is None else now
    looks: dict[Check, Callable[[], Verdict]] = {
        Check.SECURITY_UPDATES: lambda: security_updates.judge(apt.updates(at, root)),
        Check.AUTOMATIC_UPDATES: lambda: automatic_updates.judge(apt.automatic(root)),
        Check.RESTART: lambda: restart.judge(kernels.restart(at, root)),
        Check.RELEASE_SUPPORT: lambda: release_support.judge(release.release(at, root)),
        Check.FIREWALL: lambda: firewall.judge(filters.firewall(ruleset, root)),
        Check.VIRUS_SCANNER: lambda: virus_scanner.judge(scanners.scanners(at, root)),
        Check.OWN_ACCOUNT: lambda: own_account.judge(accounts.account(owner_uid)),
        Check.NO_AUTOLOGIN: lambda: no_autologin.judge(display_manager.autologin(root)),
    }
    return tuple(_answered(check, look) for check, look in looks.items())


def _answered(check: Check, look: Callable[[], Verdict]) -> Verdict:
    try:
        return look()
    except NotKnown as why:
        return not_known(check, why)
    except OSError as error:
        return not_known(check, NotKnown(Reason.UNREADABLE, str(error.filename or type(error).__name__)))

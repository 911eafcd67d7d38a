"""Updates take effect: no restart is overdue.

The distribution's mark (/run/reboot-required) is made only where a package makes it, so its absence says nothing alone;
the newest installed kernel of the running one's flavour is compared too. People get GRACE_S: most restart each morning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flexnetd.model.posture import Check, Reason, Verdict
from flexnetd.posture.verdicts import DAY_S, NotKnown, days, failed, passed

GRACE_S = 3 * DAY_S
_CHECK = Check.RESTART


@dataclass(frozen=True, slots=True)
class Kernel:
    """`release` as uname tells it, "6.1.0-41-amd64"; `installed_at` in seconds since the epoch."""

    release: str
    installed_at: float


@dataclass(frozen=True, slots=True)
class RestartFacts:
    """`marked_at`: since when the distribution's mark is there, None without. `installed`: the kernels in /boot."""

    now: float
    marked_at: float | None
    running: str
    installed: tuple[Kernel, ...]


def judge(facts: RestartFacts) -> Verdict:
    newer = _newer(facts)
    since = [at for at in (facts.marked_at, newer.installed_at if newer else None) if at is not None]
    if not since and not any(kernel.release == facts.running for kernel in facts.installed):
        raise NotKnown(Reason.UNREADABLE, "/boot")
    evidence = {"running": facts.running} | ({"installed": newer.release} if newer else {})
    if not since:
        return passed(_CHECK, **evidence)
    waiting_s = facts.now - min(since)
    evidence["waiting_days"] = days(max(0.0, waiting_s))
    if waiting_s > GRACE_S:
        return failed(_CHECK, Reason.RESTART_PENDING, **evidence)
    return passed(_CHECK, **evidence)


def _newer(facts: RestartFacts) -> Kernel | None:
    """The newest installed kernel of the same flavour that is newer than the running one."""
    same = [kernel for kernel in facts.installed if _flavour(kernel.release) == _flavour(facts.running)]
    newest = max(same, key=lambda kernel: _numbers(kernel.release), default=None)
    return newest if newest and _numbers(newest.release) > _numbers(facts.running) else None


def _parts(release: str) -> tuple[list[str], list[str]]:
    """Version and flavour: "6.12.57+deb13-cloud-amd64" is of flavour "cloud-amd64"."""
    parts = release.split("-")
    numbers = next((index for index, part in enumerate(parts) if not part[:1].isdigit()), len(parts))
    return parts[:numbers], parts[numbers:]


def _flavour(release: str) -> list[str]:
    return _parts(release)[1]


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for part in _parts(release)[0] for number in re.findall(r"\d+", part))

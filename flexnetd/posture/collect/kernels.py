"""Which kernel runs, which ones are installed, and whether the distribution asks for a restart."""

from __future__ import annotations

import os
from pathlib import Path

from flexnetd.posture.restart import Kernel, RestartFacts

_PREFIX = "vmlinuz-"


def restart(now: float, root: Path) -> RestartFacts:
    mark = root / "run/reboot-required"
    installed = tuple(
        # The file's own time is the package's; it was put there when its node last changed.
        Kernel(path.name.removeprefix(_PREFIX), path.stat().st_ctime)
        for path in sorted((root / "boot").glob(f"{_PREFIX}*"))
    )
    return RestartFacts(now, mark.stat().st_mtime if mark.exists() else None, os.uname().release, installed)

"""How systemd's units stand, without asking systemd: the worker has no bus.

What runs has a control group with processes in it; what is enabled has a link in a folder .wants; what is masked is a
link to /dev/null. All of it is readable by everybody.
"""

from __future__ import annotations

from pathlib import Path

from flexnetd.model.posture import Reason
from flexnetd.posture.collect.files import text_of
from flexnetd.posture.verdicts import NotKnown


def runs(unit: str, root: Path) -> bool:
    """Whether a service has a process. Raises NotKnown UNREADABLE where control groups cannot be seen."""
    groups = root / "sys/fs/cgroup"
    slices = [groups / "system.slice", groups / "unified/system.slice", groups / "systemd/system.slice"]
    there = next((folder for folder in slices if folder.is_dir()), None)
    if there is None:
        raise NotKnown(Reason.UNREADABLE, "/sys/fs/cgroup")
    try:
        return bool(text_of(there / unit / "cgroup.procs").strip()) or _populated(there / unit)
    except FileNotFoundError:
        return False


def enabled(unit: str, root: Path) -> bool:
    """Started at boot by a target, and not masked."""
    administrator = root / "etc/systemd/system"
    if any(_masks(folder / unit) for folder in (administrator, root / "run/systemd/system")):
        return False
    return any((wants / unit).is_symlink() for wants in administrator.glob("*.wants"))


def _masks(path: Path) -> bool:
    return path.is_symlink() and str(path.readlink()) == "/dev/null"


def _populated(group: Path) -> bool:
    """Processes in groups below it count too."""
    return "populated 1" in text_of(group / "cgroup.events")

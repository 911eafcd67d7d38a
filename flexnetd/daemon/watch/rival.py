"""Who else changes what is ours, by a name that helps to find it: the program's and its service's.

The kernel tells a process's number. Its name is read at once where /proc shows it; our unit hides other processes from
us (ProtectProc), so systemd is asked, too, to which unit the process belongs. A program that ran for a moment only is
gone by then, and its number is all there is.

Who changed the firewall, the kernel tells by the number outside of all containers. In a container of our own that is
nobody's number or, worse, somebody else's: it is told, but nobody is asked about it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flexnetd.daemon.bus.door import Answer, Bus

if TYPE_CHECKING:
    from flexnetd.tunnel.watch import Author

_SYSTEMD = "org.freedesktop.systemd1"
_PATH = "/org/freedesktop/systemd1"
_MANAGER = "org.freedesktop.systemd1.Manager"
_UNITS = "/org/freedesktop/systemd1/unit/"
_TIMEOUT_S = 2.0
_OUTSIDE = 0xEFFFFFFC
"""The inode of the namespace of processes that is not in another one (PROC_PID_INIT_INO in linux/proc_ns.h)."""
NOBODY_KNOWN = "another program"


class Rival:
    """The last one that was seen."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._process = 0
        self._name = ""
        self._unit = ""

    @property
    def told(self) -> str:
        return told(self._name, self._unit, self._process)

    def seen(self, author: Author) -> None:
        if author.process == self._process:
            return
        self._process, self._name, self._unit = author.process, author.name or name_of(author.process), ""
        if not is_asked_about(author, contained=in_container()):
            return

        def found(answer: Answer) -> None:
            match answer:
                case (str(path),) if author.process == self._process:
                    self._unit = unit_from_path(path)
                case _:
                    pass

        self._bus.call(_SYSTEMD, _PATH, _MANAGER, "GetUnitByPID", "u", (author.process,), found, _TIMEOUT_S)


def is_asked_about(author: Author, *, contained: bool) -> bool:
    """Whether its number is one that systemd knows it by; the firewall's news alone come with a name. Pure."""
    return not (contained and author.name)


def in_container() -> bool:
    """Whether the numbers of processes are other ones than the kernel's own."""
    return Path("/proc/self/ns/pid").stat().st_ino != _OUTSIDE


def told(name: str, unit: str, process: int) -> str:
    """In a person's words. Pure."""
    if not process:
        return NOBODY_KNOWN
    named = " of ".join(word for word in (name, unit) if word) or NOBODY_KNOWN
    return f"{named} (process {process})"


def unit_from_path(path: str) -> str:
    """The unit's name from its object path, in which other characters than letters and digits are written _xx."""
    escaped = path.removeprefix(_UNITS)
    return re.sub("_([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), escaped)


def name_of(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/comm").read_text().strip()
    return ""

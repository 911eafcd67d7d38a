"""The profiles of this machine: read from their folders, each by itself, so that a bad one does not stop the others.

Two folders. /etc/flexnetd/profiles.d is root's: every file must belong to root and be writable by root alone. The
other is the daemon's own state, for profiles that an administrator imported over D-Bus: the daemon cannot write to
/etc, so those belong to its own uid. A name in /etc wins. What is wrong with a file is a matter of health.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.model.profile_file import read_profile

FOLDER_VARIABLE = "FLEXNETD_PROFILES"
DEFAULT_FOLDER = "/etc/flexnetd/profiles.d"
STATE_VARIABLE = "STATE_DIRECTORY"
DEFAULT_STATE = "/var/lib/flexnetd"
LONGEST_PROFILE = 64 * 1024
MOST_PROFILES = 32
_OTHERS_MAY_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class Profiles:
    by_name: Mapping[str, Profile]
    health: tuple[Fault, ...]


def profile_folders() -> tuple[tuple[Path, int], ...]:
    """Each folder with the uid that its files must have."""
    return (
        (Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER), 0),
        (imported_folder(), os.geteuid()),
    )


def imported_folder() -> Path:
    """Where imported profiles are kept."""
    state = os.environ.get(STATE_VARIABLE, "").partition(":")[0] or DEFAULT_STATE
    return Path(state) / "profiles.d"


def notices_file() -> Path:
    """Where the operators' notices are kept (notice_memory.py)."""
    return imported_folder().with_name("notices.json")


def load_profiles(folders: tuple[tuple[Path, int], ...]) -> Profiles:
    """Every good profile, and a fault for each bad one (FN-42x)."""
    found: dict[str, Profile] = {}
    health: list[Fault] = []
    for folder, uid in folders:
        for file in _files(folder):
            try:
                profile = read_profile(read_owned(file, uid), str(file))
            except Fault as fault:
                health.append(fault)
            else:
                found.setdefault(profile.name, profile)
    return Profiles(found, tuple(health))


def _files(folder: Path) -> Iterator[Path]:
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return
    yield from (file for file in files[:MOST_PROFILES] if file.suffix == ".toml")


def read_owned(file: Path, uid: int) -> str:
    """The file's text, when it is a plain file of that owner and nobody else may write it."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise Fault(Code.PROFILE_OWNERSHIP, file=str(file)) from None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != uid or found.st_mode & _OTHERS_MAY_WRITE:
            raise Fault(Code.PROFILE_OWNERSHIP, file=str(file))
        return profile_text(os.read(fd, LONGEST_PROFILE + 1), str(file))
    finally:
        os.close(fd)


def profile_text(data: bytes, file: str) -> str:
    """The text of a profile's file. Raises Fault PROFILE_MALFORMED."""
    if len(data) > LONGEST_PROFILE:
        raise Fault(Code.PROFILE_MALFORMED, file=file, line=1, key="", problem=f"longer than {LONGEST_PROFILE} bytes")
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Fault(Code.PROFILE_MALFORMED, file=file, line=1, key="", problem="not UTF-8") from None

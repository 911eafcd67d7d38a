"""Taking in a profile from a file that an administrator hands over: NAME.flexnet, signed by the operator.

The file is a signed statement (flexnetd/wire/signed.py) of a `ProfileBundle`. polkit has asked an administrator before
anything here runs: whether this operator is to be trusted is their word. The signature must be by a Grant key that the
profile itself names, so the file is whole; and where a profile of that name was imported before, by one of that one's
keys, so nobody but the same operator replaces it. A profile in /etc is root's and is never replaced.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from flexnetd.daemon.profiles import LONGEST_PROFILE
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.model.profile_file import read_profile
from flexnetd.wire import signed
from flexnetd.wire.json_codec import Bound, Malformed, decode

LONGEST_FILE = 2 * LONGEST_PROFILE


@dataclass(frozen=True, slots=True)
class ProfileBundle:
    """`kind` is "flexnet-profile": a grant, signed by the same key, is never taken for one."""

    version: int
    kind: str
    name: Annotated[str, Bound(1, 32)]
    toml: Annotated[str, Bound(1, LONGEST_PROFILE)]


def import_profile(fd: int, folder: Path, installed: Mapping[str, Profile]) -> str:
    """Stores the profile in `folder` and gives its name. `fd` stays the caller's.

    Raises Fault: PROFILE_SIGNATURE, PROFILE_MALFORMED and the like, PROFILE_OWNERSHIP (there is one of that name in
    /etc), RECORD_NOT_WRITTEN.
    """
    statement = _read(fd)
    bundle = _unverified(statement)
    file = f"{bundle.name}.toml"
    profile = read_profile(bundle.toml, file)
    _verify(statement, profile, file)
    known = installed.get(profile.name)
    if known is not None:
        if not (folder / file).exists():
            raise Fault(Code.PROFILE_OWNERSHIP, file=file)
        _verify(statement, known, file)
    _store(folder, file, bundle.toml)
    return profile.name


def _read(fd: int) -> str:
    """A plain file or memfd, never something that could make us wait."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise Fault(Code.ARGUMENT_INVALID, argument="file")
    data = os.pread(fd, LONGEST_FILE + 1, 0)
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Fault(Code.PROFILE_SIGNATURE, file="") from None


def _unverified(statement: str) -> ProfileBundle:
    """What the statement says, to find out who should have signed it."""
    parts = statement.split(".")
    if len(statement) > LONGEST_FILE or len(parts) != 3:
        raise Fault(Code.PROFILE_SIGNATURE, file="")
    try:
        payload = base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True)
        bundle = decode(ProfileBundle, payload, LONGEST_FILE)
    except (binascii.Error, ValueError, Malformed):
        raise Fault(Code.PROFILE_SIGNATURE, file="") from None
    if bundle.version != 1 or bundle.kind != "flexnet-profile":
        raise Fault(Code.PROFILE_SIGNATURE, file="")
    return bundle


def _verify(statement: str, profile: Profile, file: str) -> None:
    try:
        signed.verify(statement, profile.grant_keys)
    except Fault:
        raise Fault(Code.PROFILE_SIGNATURE, file=file) from None


def _store(folder: Path, file: str, toml: str) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        new = folder / f".{file}.new"
        new.unlink(missing_ok=True)
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as opened:
            opened.write(toml.encode())
            opened.flush()
            os.fsync(fd)
        new.rename(folder / file)
    except OSError as wrong:
        raise Fault(Code.RECORD_NOT_WRITTEN, reason=os.strerror(wrong.errno or 0)) from None

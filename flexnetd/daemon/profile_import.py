"""Taking in a profile from a file that an administrator hands over: NAME.flexnet, signed by the operator.

polkit has asked an administrator before anything here runs. The signature must be by one of the operators that root
trusts on this machine (/etc/flexnetd/operators.d/*.pub); only then is the file's content looked at, as strictly as a
profile in /etc. A profile in /etc is root's and is never replaced.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from flexnetd.daemon.profiles import LONGEST_PROFILE, read_owned
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.model.profile_file import read_profile
from flexnetd.wire.profile_container import read_operator_key, read_signed_profile

OPERATORS_VARIABLE = "FLEXNETD_OPERATORS"
DEFAULT_OPERATORS = "/etc/flexnetd/operators.d"
LONGEST_FILE = 2 * LONGEST_PROFILE
MOST_OPERATORS = 32


def import_profile(fd: int, folder: Path, installed: Mapping[str, Profile]) -> str:
    """Stores the profile in `folder` and gives its name. `fd` stays the caller's.

    Raises Fault: PROFILE_SIGNATURE, PROFILE_MALFORMED and the like, PROFILE_OWNERSHIP (there is one of that name in
    /etc), RECORD_NOT_WRITTEN.
    """
    operators = Path(os.environ.get(OPERATORS_VARIABLE) or DEFAULT_OPERATORS)
    name, toml = read_signed_profile(_read(fd), trusted_keys(operators, owner_uid=0))
    file = f"{name}.toml"
    read_profile(toml, file)
    if name in installed and not (folder / file).exists():
        raise Fault(Code.PROFILE_OWNERSHIP, file=file)
    _store(folder, file, toml)
    return name


def trusted_keys(folder: Path, owner_uid: int) -> tuple[bytes, ...]:
    """The operators' public keys in `folder`; a file that does not belong to `owner_uid` alone is a fault."""
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix == ".pub")[:MOST_OPERATORS]
    except OSError:
        return ()
    return tuple(read_operator_key(read_owned(file, owner_uid), str(file)) for file in files)


def _read(fd: int) -> bytes:
    """Of a plain file or memfd, never of something that could make us wait."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise Fault(Code.ARGUMENT_INVALID, argument="file")
    return os.pread(fd, LONGEST_FILE + 1, 0)


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

"""Writing the bundle: to a file that did not exist, whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Mapping, Sequence

from flexnetd.client.bundle.pieces import Piece
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

_PROBLEMS: Mapping[int, str] = {
    errno.EEXIST: "file-exists",
    errno.ELOOP: "file-exists",
    errno.ENOENT: "no-folder",
    errno.ENOTDIR: "no-folder",
    errno.EACCES: "no-right",
    errno.EPERM: "no-right",
    errno.EROFS: "no-right",
    errno.ENOSPC: "no-room",
    errno.EDQUOT: "no-room",
}


def bundle_text(pieces: Sequence[Piece]) -> str:
    return "".join(f"===== {piece.name} =====\n\n{piece.text.rstrip()}\n\n" for piece in pieces)


def write_new(file: str, text: str) -> None:
    """Raises Fault FILE_NOT_WRITTEN. O_EXCL makes the file, or fails, also where a link stands."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _fault(file, error) from None
    try:
        with os.fdopen(descriptor, "wb") as target:
            os.fchmod(descriptor, 0o600)
            target.write(text.encode("utf-8", "replace"))
            target.flush()
            os.fsync(descriptor)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(file)  # noqa: PTH108 - the name that was just opened
        raise _fault(file, error) from None


def _fault(file: str, error: OSError) -> Fault:
    return Fault(Code.FILE_NOT_WRITTEN, file=file, problem=_PROBLEMS.get(error.errno or 0, "not-writable"))

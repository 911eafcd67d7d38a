"""The gateway's WireGuard key: a file of base64 as `wg genkey` writes it, 0600, made when it is missing.

Unlike a client's key it must outlive a start, since every client's configuration names its public key. It belongs to
the owner of its folder, whoever makes it: the operator asks for the public key as root before the agent has ever run.
"""

from __future__ import annotations

import base64
import os
import stat
from contextlib import suppress
from pathlib import Path

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.derive import derived_public_key
from flexnetd.wireguard.device import KEY_BYTES


def private_key(file: Path) -> SecretBytes:
    """The key in the file, which is made with a fresh key when there is none. Raises Fault: CONFIG_FILE_UNREADABLE."""
    try:
        _make_if_missing(file)
        return _read(file)
    except OSError as wrong:
        raise _unreadable(file, wrong.strerror or "") from None


def public_key(key: SecretBytes) -> bytes:
    return derived_public_key(key.reveal())


def _make_if_missing(file: Path) -> None:
    if file.exists():
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            if os.geteuid() == 0:
                folder = file.parent.stat()
                os.fchown(out.fileno(), folder.st_uid, folder.st_gid)
            out.flush()
            os.fsync(out.fileno())
        # A link, not a rename: of two agents that begin at once, one makes the key and both use it.
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _read(file: Path) -> SecretBytes:
    with file.open("rb") as opened:
        if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & 0o077:
            raise _unreadable(file, "others may read it; its mode must be 0600")
        text = opened.read(1024).strip()
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise _unreadable(file, "not base64") from None
    if len(key) != KEY_BYTES:
        raise _unreadable(file, "not a WireGuard key")
    return SecretBytes(key)


def _unreadable(file: Path, reason: str) -> Fault:
    return Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=reason)

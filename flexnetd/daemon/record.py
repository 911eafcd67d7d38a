"""The record on disk: `session` in the runtime directory, mode 0600, one JSON object of `session/record.py`.

It is replaced whole: written beside, synced, renamed. A full disk leaves the old one and is RECORD_NOT_WRITTEN. To
retire it is to rename it, which needs no room: it cannot be adopted any more and still says that there is something to
clean.
It is read only if it is a plain file of our own uid that nobody else can write, and whatever is wrong with it (damaged,
another version, another boot) makes it unusable, which means: clean. Links are never followed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

from flexnetd.daemon.record_place import NEW, RECORD, RETIRED, record_directory
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.session.record import LONGEST_RECORD, RECORD_VERSION, Record, Step
from flexnetd.wire.json_codec import Malformed, decode, encode

BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id"


class RecordFile:
    def __init__(self, directory: str = "", boot_id: str = "") -> None:
        self._directory = directory or record_directory()
        self._boot_id = boot_id or Path(BOOT_ID_FILE).read_text().strip()

    def write(self, record: Record) -> None:
        """The record, with this boot's id, in place of whatever was there. Raises Fault RECORD_NOT_WRITTEN."""
        data = encode(replace(record, boot_id=self._boot_id))
        try:
            directory = self._open_directory()
        except OSError as wrong:
            raise _not_written(wrong) from None
        try:
            _write_new(directory, data)
            os.rename(NEW, RECORD, src_dir_fd=directory, dst_dir_fd=directory)
            os.fsync(directory)
        except OSError as wrong:
            with contextlib.suppress(OSError):
                os.unlink(NEW, dir_fd=directory)
            raise _not_written(wrong) from None
        finally:
            os.close(directory)

    def retire(self) -> None:
        """Makes the record one that is never adopted. Raises Fault RECORD_NOT_WRITTEN."""
        try:
            directory = self._open_directory()
            try:
                with contextlib.suppress(FileNotFoundError):
                    os.rename(RECORD, RETIRED, src_dir_fd=directory, dst_dir_fd=directory)
            finally:
                os.close(directory)
        except OSError as wrong:
            raise _not_written(wrong) from None

    def erase(self) -> None:
        """Leaves no record. Raises Fault RECORD_NOT_WRITTEN when the file system refuses even that."""
        try:
            directory = self._open_directory()
        except FileNotFoundError:
            return
        try:
            for name in (NEW, RECORD, RETIRED):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=directory)
        except OSError as wrong:
            raise _not_written(wrong) from None
        finally:
            os.close(directory)

    def read(self) -> Record | None:
        """The record of a daemon before this one, of this boot; None when there is none that can be used. One that was
        retired says STARTED, whatever it said before: it is never adopted, and tells what the portal has to end."""
        record = self._usable(RECORD)
        if record is None and (retired := self._usable(RETIRED)):
            return replace(retired, step=Step.STARTED)
        return record

    def _usable(self, name: str) -> Record | None:
        try:
            record = decode(Record, self._read_ours(name), LONGEST_RECORD)
        except (OSError, Malformed):
            return None
        usable = record.version == RECORD_VERSION and record.boot_id == self._boot_id
        return record if usable else None

    def _read_ours(self, name: str) -> bytes:
        directory = self._open_directory()
        try:
            fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
        finally:
            os.close(directory)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
                raise PermissionError(errno.EPERM, "not a record of ours")
            return os.read(fd, LONGEST_RECORD + 1)
        finally:
            os.close(fd)

    def _open_directory(self) -> int:
        return os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)


def _write_new(directory: int, data: bytes) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(NEW, dir_fd=directory)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(NEW, flags, 0o600, dir_fd=directory)
    with os.fdopen(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(fd)


def _not_written(wrong: OSError) -> Fault:
    return Fault(Code.RECORD_NOT_WRITTEN, reason=errno.errorcode.get(wrong.errno or 0, "unknown"))

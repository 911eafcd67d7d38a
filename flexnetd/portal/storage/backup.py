"""A copy of the SQLite database, and the way back.

- The copy is of one moment and is made while the portal serves: SQLite's own backup, page by page, begins anew when
  somebody writes meanwhile. It is complete and on disk before it has its name, is its owner's alone, and takes the
  place of nothing.
- A copy is looked through before it is called one, and again before it comes back: SQLite's own check, the schema, and
  the chain of the audit log. What does not pass changes nothing.
- What comes back takes the name of the database that is there, which keeps its contents under another name. The portal
  is stopped meanwhile: what it serves would be of two times.
- What must not happen twice is carried over from what is replaced (fresh_codes.py).
- The key-encryption key is not in it. Without that key, no second factor and no preshared key in it opens.
- PostgreSQL has its own: pg_dump and pg_restore.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, NoResultFound

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.storage.audit import verify
from flexnetd.portal.storage.fresh_codes import carry_over

_PAGES_AT_ONCE = 1000


def back_up(url: str, file: Path) -> str:
    """What was copied, in words. Raises Fault: ALREADY_EXISTS, INPUT_INVALID, DATABASE_UNREACHABLE."""
    source = _database_file(url)
    if file.exists():
        raise Fault(Code.ALREADY_EXISTS, kind="file", name=str(file))
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        os.close(_private(str(draft), os.O_RDWR | os.O_CREAT | os.O_EXCL))
        _copy(source, draft)
        told = inspected(draft)
        _on_disk(draft)
        os.link(draft, file)  # never over another one
    except OSError as wrong:
        raise Fault(Code.INPUT_INVALID, field=str(file), problem=wrong.strerror or "cannot be written") from None
    finally:
        draft.unlink(missing_ok=True)
    _on_disk(file.parent)
    return told


def restore(url: str, file: Path, now: int) -> str:
    """What came back, in words. Raises Fault: NOT_FOUND, INPUT_INVALID, DATABASE_UNREACHABLE."""
    target = _database_file(url)
    if not file.is_file():
        raise Fault(Code.NOT_FOUND, kind="file", name=str(file))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(draft, "xb", opener=_private) as copy, file.open("rb") as backup:
            shutil.copyfileobj(backup, copy)
        told = inspected(draft)
        wanting = carry_over(draft, target)
        _on_disk(draft)
        _put_aside(target, target.with_name(f"{target.name}.replaced-{now}"))
        draft.rename(target)
        _on_disk(target.parent)
    except OSError as wrong:
        raise Fault(Code.DATABASE_UNREACHABLE, reason=wrong.strerror or "") from None
    except sqlite3.Error as wrong:
        raise Fault(Code.DATABASE_UNREACHABLE, reason=str(wrong)) from None
    finally:
        draft.unlink(missing_ok=True)
    return f"{told}; {wanting} keys want a fresh code (flexnet-admin key fresh)" if wanting else told


def inspected(file: Path) -> str:
    """What it is, in words. Raises Fault INPUT_INVALID when it is not a whole database of a portal."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            whole = connection.execute(text("PRAGMA integrity_check")).scalar_one()
            schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            found = verify(connection)
    except (DBAPIError, NoResultFound):
        raise Fault(Code.INPUT_INVALID, field=str(file), problem="is no database of a portal, or damaged") from None
    if whole != "ok":
        raise Fault(Code.INPUT_INVALID, field=str(file), problem="is damaged")
    if found.broken_at is not None:
        problem = f"entry {found.broken_at} of the audit log is missing or was changed"
        raise Fault(Code.INPUT_INVALID, field=str(file), problem=problem)
    return f"schema {schema}, {found.rows} audit entries, the last with hash {found.last_hash}"


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(_opened(source)) as read, closing(_opened(target)) as written:
            read.backup(written, pages=_PAGES_AT_ONCE)
            written.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
    except sqlite3.Error as wrong:
        raise Fault(Code.DATABASE_UNREACHABLE, reason=str(wrong)) from None


def _put_aside(target: Path, aside: Path) -> None:
    """Raises Fault DATABASE_UNREACHABLE while somebody uses it. A damaged one goes as it is."""
    if not target.exists():
        return
    try:
        with closing(_opened(target)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")  # a portal that serves has it open, and this fails
            connection.execute("BEGIN EXCLUSIVE")
            connection.rollback()
            connection.execute("PRAGMA journal_mode=DELETE")  # what is in the log beside it goes into the file
    except sqlite3.Error as wrong:
        if wrong.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise Fault(Code.DATABASE_UNREACHABLE, reason="in use: stop the portal first") from None
    for ending in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            target.with_name(target.name + ending).rename(aside.with_name(aside.name + ending))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=1, isolation_level=None)


def _database_file(url: str) -> Path:
    file = make_url(url).database if url.startswith("sqlite:") else None
    if not file:
        raise Fault(Code.INPUT_INVALID, field="database", problem="is PostgreSQL's: pg_dump and pg_restore copy it")
    return Path(file)


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""The database and its transactions.

- `writing()` is one transaction that excludes other writers from its first statement on: BEGIN IMMEDIATE in SQLite, so
  that a read inside it cannot be overtaken before the write that rests on it. In PostgreSQL rows are locked by the
  updates themselves; where a decision rests on a read, that read says FOR UPDATE.
- `reading()` is one snapshot; it blocks nobody and nobody blocks it.
- What was committed is on disk: an OTP that was burned stays burned over a power cut (WAL with synchronous=FULL).
- `now()` is the database's clock, so that several portals agree.

Waiting for SQLite's lock is bounded (`_LOCK_WAIT_S`). Parameters, which may be secrets, are hidden from exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

SCHEMA = "0004"
"""The Alembic revision that this version reads and writes."""

THREADS = 32
"""So many may use one `Database` at once."""

_LOCK_WAIT_S = 5
_POOL: dict[str, Any] = {"pool_size": 8, "max_overflow": THREADS - 8}
_CLOCK = {
    "sqlite": text("SELECT CAST(strftime('%s', 'now') AS INTEGER)"),
    "postgresql": text("SELECT CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)"),
}


class Database:
    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.dialect = self.engine.dialect.name

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            if self.dialect == "sqlite":
                connection.execution_options(flexnet_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def now(self, connection: Connection) -> int:
        """Seconds since the epoch."""
        return int(connection.execute(_CLOCK[self.dialect]).scalar_one())

    def check(self) -> None:
        """Raises Fault DATABASE_UNREACHABLE when the database cannot be asked or has another schema."""
        try:
            with self.reading() as connection:
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        except DBAPIError as wrong:
            raise Fault(Code.DATABASE_UNREACHABLE, reason=type(wrong.orig).__name__) from None
        if found != SCHEMA:
            raise Fault(Code.DATABASE_UNREACHABLE, reason=f"schema {found}, not {SCHEMA}: flexnet-portal upgrade")

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if url.startswith("sqlite:"):
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _LOCK_WAIT_S}, **_POOL)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, **_POOL)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of when a transaction begins is turned off; `_begin_sqlite` says it.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("flexnet_begin", "BEGIN"))

"""Counted failures: a bucket fills until its window ends.

A try is charged before it is judged and given back when it was good, in single statements, so that no number of tries
at once gets past the limit.
"""

from __future__ import annotations

from sqlalchemy import Connection, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from flexnetd.portal.storage.schema import buckets


def charge(connection: Connection, name: str, limit: int, window_s: int, now: int) -> int:
    """0 when the try is within the limit; else the seconds until the bucket is empty again."""
    over = buckets.c.resets_at <= now
    statement = _insert(connection).values(name=name, failures=1, resets_at=now + window_s)
    row = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[buckets.c.name],
            set_={
                "failures": case((over, 1), else_=buckets.c.failures + 1),
                "resets_at": case((over, now + window_s), else_=buckets.c.resets_at),
            },
        ).returning(buckets.c.failures, buckets.c.resets_at)
    ).one()
    return 0 if row.failures <= limit else max(1, row.resets_at - now)


def refund(connection: Connection, name: str) -> None:
    """The try was good: takes its charge back."""
    connection.execute(
        update(buckets).where(buckets.c.name == name, buckets.c.failures > 0).values(failures=buckets.c.failures - 1)
    )


def empty(connection: Connection, name: str) -> None:
    connection.execute(delete(buckets).where(buckets.c.name == name))


def remove_old(connection: Connection, now: int) -> None:
    connection.execute(delete(buckets).where(buckets.c.resets_at <= now))


def failures(connection: Connection, name: str) -> int:
    return connection.execute(select(buckets.c.failures).where(buckets.c.name == name)).scalar_one_or_none() or 0


def _insert(connection: Connection) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(buckets) if connection.dialect.name == "postgresql" else sqlite.insert(buckets)

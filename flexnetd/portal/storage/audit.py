"""The audit log: who did what to whom, never a secret. Rows are only added, and each carries the hash of all before it.

The hash of row n is SHA-256 over the hash of row n-1 and the fields of row n, each preceded by its length. So a changed
or removed row, other than the very last ones, breaks every hash after it, and `verify` names the first row that does
not follow. The database refuses UPDATE and DELETE on the table by triggers; the chain is for those who get past them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, insert, or_, select, text

from flexnetd.portal.storage.schema import audit

_FIRST = "0" * 64
_LOCK = 0x464C4558  # PostgreSQL's advisory lock: appending is one at a time


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    at: int
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """`broken_at` is the number of the first row that does not follow from those before it, None when all do."""

    rows: int
    last_hash: str
    broken_at: int | None


def append(connection: Connection, now: int, actor: str, action: str, subject: str, detail: str = "") -> None:
    """In the transaction of what it tells, so that neither is there without the other."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1))
    row = last.one_or_none()
    number, before = (1, _FIRST) if row is None else (row.number + 1, row.hash)
    fields = (str(number), str(now), actor, action, subject, detail)
    connection.execute(
        insert(audit).values(
            number=number,
            at=now,
            actor=actor,
            action=action,
            subject=subject,
            detail=detail,
            hash=_chained(before, fields),
        )
    )


def last_entries(connection: Connection, most: int, about: str = "") -> list[Entry]:
    """The newest `most`, in order. `about` "user weber": those that he caused or that are about him."""
    wanted = select(audit).order_by(audit.c.number.desc()).limit(most)
    if about:
        wanted = wanted.where(or_(audit.c.actor == about, audit.c.subject == about))
    rows = connection.execute(wanted).all()
    return [Entry(row.number, row.at, row.actor, row.action, row.subject, row.detail) for row in reversed(rows)]


def verify(connection: Connection) -> Verified:
    before, expected = _FIRST, 1
    for row in connection.execute(select(audit).order_by(audit.c.number)):
        fields = (str(row.number), str(row.at), row.actor, row.action, row.subject, row.detail)
        if row.number != expected or row.hash != _chained(before, fields):
            return Verified(expected - 1, before, expected)
        before, expected = row.hash, expected + 1
    return Verified(expected - 1, before, None)


def _chained(before: str, fields: tuple[str, ...]) -> str:
    digest = hashlib.sha256(before.encode())
    for field in fields:
        raw = field.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.hexdigest()

"""Logins that were finished, each once. A row is kept until its login would have ended anyway."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from flexnetd.portal.storage.schema import spent


def spend(connection: Connection, login: str, ends_at: int, now: int) -> bool:
    """True when this login had not been spent. The caller commits at once: whatever fails later, it is spent."""
    connection.execute(delete(spent).where(spent.c.ends_at < now))
    try:
        with connection.begin_nested():
            connection.execute(insert(spent).values(login=login, ends_at=ends_at))
    except IntegrityError:
        return False
    return True

"""Sign-ins to the members' pages, one row each; the cookie's value is kept as its hash alone.

A sign-in is good while all of this holds: it was used within the idle time, its longest time has not come, the account
and the key by which it was made are active, and the password is the one by which it was made. So a key that is locked,
by its owner or by the helpdesk, ends what a thief has opened with it, and so does a new password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from flexnetd.model.secret import Secret
from flexnetd.portal.storage.accounts import AccountState
from flexnetd.portal.storage.schema import keys, page_sessions, users

_SEEN_EVERY_S = 30
"""How exactly the last use is kept: not every look at a page is worth a write."""


@dataclass(frozen=True, slots=True)
class PageSession:
    token: str
    user_id: str
    username: str
    key_id: str
    started_at: int


def open_page_session(
    connection: Connection, token: str, user_id: str, key_id: str, password: Secret, longest_s: int, now: int
) -> None:
    """`password` is the hash of the one that was given."""
    connection.execute(
        insert(page_sessions).values(
            token=token,
            user_id=user_id,
            key_id=key_id,
            password_mark=_mark(password.reveal()),
            started_at=now,
            seen_at=now,
            ends_at=now + longest_s,
        )
    )


def page_session(connection: Connection, token: str, idle_s: int, now: int) -> PageSession | None:
    """The sign-in of this token, if it is still good."""
    return next(_good(connection, page_sessions.c.token == token, idle_s, now), None)


def _good(connection: Connection, which: ColumnElement[bool], idle_s: int, now: int) -> Iterator[PageSession]:
    rows = connection.execute(
        select(page_sessions, users.c.name, users.c.password)
        .join(users, users.c.id == page_sessions.c.user_id)
        .join(keys, keys.c.id == page_sessions.c.key_id)
        .where(
            which,
            page_sessions.c.ends_at > now,
            page_sessions.c.seen_at > now - idle_s,
            users.c.state == AccountState.ACTIVE.value,
            keys.c.state == AccountState.ACTIVE.value,
        )
    )
    for row in rows:
        if row.password_mark == _mark(row.password or ""):
            yield PageSession(row.token, row.user_id, row.name, row.key_id, row.started_at)


def needs_seeing(connection: Connection, token: str, now: int) -> bool:
    last = connection.execute(
        select(page_sessions.c.seen_at).where(page_sessions.c.token == token)
    ).scalar_one_or_none()
    return last is not None and last <= now - _SEEN_EVERY_S


def see(connection: Connection, token: str, now: int) -> None:
    connection.execute(update(page_sessions).where(page_sessions.c.token == token).values(seen_at=now))


def end_page_session(connection: Connection, token: str) -> None:
    connection.execute(delete(page_sessions).where(page_sessions.c.token == token))


def end_other_page_sessions(connection: Connection, user_id: str, token: str) -> int:
    """All of this person but the one of `token`; how many there were."""
    others = delete(page_sessions).where(page_sessions.c.user_id == user_id, page_sessions.c.token != token)
    return connection.execute(others).rowcount


def count_other_page_sessions(connection: Connection, user_id: str, token: str, idle_s: int, now: int) -> int:
    """Those that are still good."""
    others = (page_sessions.c.user_id == user_id) & (page_sessions.c.token != token)
    return sum(1 for _ in _good(connection, others, idle_s, now))


def remove_old_page_sessions(connection: Connection, idle_s: int, now: int) -> None:
    connection.execute(
        delete(page_sessions).where((page_sessions.c.ends_at <= now) | (page_sessions.c.seen_at <= now - idle_s))
    )


def _mark(password_hash: str) -> str:
    """A password's hash has a random salt: no two settings of it have the same mark."""
    return hashlib.sha256(password_hash.encode()).hexdigest()

"""What must not happen twice, though the database goes back in time.

A copy of the database knows only the codes that were typed before it was made. Put back, it would take those that were
typed since once more. So:
- What must stay used is carried over from the database that the copy replaces: counters of one-time passwords, uses of
  emergency codes, spent logins, WireGuard keys.
- Where that one is lost, damaged, or does not know a key, nobody can say which codes were used. The key's counter is
  then set beyond every real one: each code is refused, until the operator has read a fresh one from the key
  (`flexnet-admin key fresh`). The same for a whole machine that was put back, by `flexnet-admin key want-fresh`.
Keys that answer a challenge need none of this: the challenge is new each time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, and_, or_, select, update

from flexnetd.model.factor import Factor
from flexnetd.portal.login.proof_yubico_otp import Counters
from flexnetd.portal.storage.schema import keys

BEYOND = Counters(use=0x8000, session=0)
"""A real key's use counter stops at 0x7fff."""

_OTP = Factor.YUBICO_OTP.value
_EMERGENCY = Factor.EMERGENCY_CODE.value


def want_fresh_codes(connection: Connection) -> int:
    """Of every key that types one-time passwords; how many those are."""
    marked = connection.execute(
        update(keys).where(keys.c.factor == _OTP).values(use_counter=BEYOND.use, session_counter=BEYOND.session)
    )
    return int(marked.rowcount)


def wants_fresh_code(connection: Connection, key_id: str) -> bool:
    found = select(keys.c.id).where(keys.c.id == key_id, keys.c.use_counter >= BEYOND.use)
    return connection.execute(found).one_or_none() is not None


def take_fresh_code(connection: Connection, key_id: str, counters: Counters) -> bool:
    """From now on only later codes count. False: a later one was used already."""
    earlier = or_(
        keys.c.use_counter >= BEYOND.use,
        keys.c.use_counter < counters.use,
        and_(keys.c.use_counter == counters.use, keys.c.session_counter < counters.session),
    )
    values = {"use_counter": counters.use, "session_counter": counters.session}
    return connection.execute(update(keys).where(keys.c.id == key_id, earlier).values(values)).rowcount == 1


def carry_over(copy: Path, replaced: Path) -> int:
    """Before `copy` takes the place of `replaced`, which may be damaged or not there: how many keys want a fresh code
    then. Both are SQLite's. Raises sqlite3.Error for a copy that cannot be written."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        if not replaced.exists() or not _carried(connection, replaced):
            connection.execute("UPDATE keys SET use_counter = ? WHERE factor = ?", (BEYOND.use, _OTP))
            _end_emergency_codes(connection, "TRUE")
        wanting = connection.execute(
            "SELECT count(*) FROM keys WHERE factor = ? AND use_counter >= ?", (_OTP, BEYOND.use)
        )
        return int(wanting.fetchone()[0])


def _carried(connection: sqlite3.Connection, replaced: Path) -> bool:
    """Whether that one could be read, and all of it; nothing has changed if not."""
    try:
        connection.execute("ATTACH ? AS newer", (str(replaced),))
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA newer.integrity_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError
        for statement in _CARRY:
            connection.execute(statement, {"otp": _OTP, "beyond": BEYOND.use})
        if _has_emergency_codes(connection, "newer"):
            _end_emergency_codes(connection, "id NOT IN (SELECT id FROM newer.keys)")
            if _has_emergency_codes(connection, "main"):
                connection.execute(_CARRY_EMERGENCY, (_EMERGENCY,))
        connection.execute("COMMIT")
        connection.execute("DETACH newer")
    except sqlite3.DatabaseError:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return False
    return True


_CARRY = (
    "UPDATE keys SET use_counter = :beyond WHERE factor = :otp AND id NOT IN (SELECT id FROM newer.keys)",
    """
    UPDATE keys SET use_counter = newer.use_counter, session_counter = newer.session_counter
    FROM newer.keys AS newer WHERE newer.id = keys.id AND keys.factor = :otp
    AND (newer.use_counter, newer.session_counter) > (keys.use_counter, keys.session_counter)
    """,
    "INSERT OR IGNORE INTO spent (login, ends_at) SELECT login, ends_at FROM newer.spent",
    """
    INSERT OR IGNORE INTO used_public_keys (public_key, first_used_at)
    SELECT public_key, first_used_at FROM newer.used_public_keys
    """,
)
_CARRY_EMERGENCY = """
    UPDATE keys SET uses_left = min(keys.uses_left, newer.uses_left)
    FROM newer.keys AS newer WHERE newer.id = keys.id AND keys.factor = ?
"""


def _end_emergency_codes(connection: sqlite3.Connection, where: str) -> None:
    """They last hours: another is issued sooner than an old one is thought about."""
    if _has_emergency_codes(connection, "main"):
        connection.execute(f"UPDATE keys SET uses_left = 0 WHERE factor = ? AND {where}", (_EMERGENCY,))  # noqa: S608


def _has_emergency_codes(connection: sqlite3.Connection, database: str) -> bool:
    """A copy may be of an earlier version."""
    columns = connection.execute(f"PRAGMA {database}.table_info(keys)").fetchall()
    return any(column[1] == "uses_left" for column in columns)

"""Emergency codes: rows among a member's keys that end by themselves.

What is kept of a code is its hash, sealed like a key's secret, so that who can write to the database cannot put a code
of his own there. A use is taken by one statement, so that no number of tries at once gets more than there are.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, update

from flexnetd.model.factor import Factor
from flexnetd.portal.keys import Sealer
from flexnetd.portal.storage.accounts import AccountState, sealed_key_secret
from flexnetd.portal.storage.schema import keys


def issue(
    connection: Connection,
    sealer: Sealer,
    user_id: str,
    key_id: str,
    code_hash: bytes,
    uses: int,
    ends_at: int,
    now: int,
) -> None:
    connection.execute(
        insert(keys).values(
            id=key_id,
            user_id=user_id,
            factor=Factor.EMERGENCY_CODE.value,
            label="",
            state=AccountState.ACTIVE.value,
            sealed_secret=sealed_key_secret(sealer, key_id, code_hash),
            uses_left=uses,
            ends_at=ends_at,
            created_at=now,
        )
    )


def use(connection: Connection, key_id: str, now: int) -> bool:
    """False when there is no use left, or when it has ended or was locked."""
    taken = connection.execute(
        update(keys)
        .where(
            keys.c.id == key_id,
            keys.c.state == AccountState.ACTIVE.value,
            keys.c.uses_left > 0,
            keys.c.ends_at > now,
        )
        .values(uses_left=keys.c.uses_left - 1)
    )
    return taken.rowcount == 1

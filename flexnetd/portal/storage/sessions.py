"""Sessions: pending, active, ended.

A session is `pending` from the moment at which it holds an address and stands in the gateways' lists, `active` once one
gateway has confirmed it, `ended` by sign-out, by its time, or because no gateway confirmed. Ending gives the address
back, to rest until every gateway must have removed the peer. A WireGuard key that has served is never taken again.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, and_, delete, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.config import Sessions
from flexnetd.portal.keys import Sealer
from flexnetd.portal.storage.addresses import give_back, take_address
from flexnetd.portal.storage.gateways import Gateway, lock_peers, peer_identity, raise_revision
from flexnetd.portal.storage.schema import gateways, peers, sessions, used_public_keys

LONGEST_PENDING_S = 60
"""More than any wait for the gateways (`Sessions.gateway_wait_ms`)."""


class SessionState(Enum):
    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    user_id: str
    username: str
    factor: Factor
    public_key: bytes
    address: str
    address6: str | None
    state: SessionState
    started_at: int
    ends_at: int
    renewable_until: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """A session at one gateway that has it: what goes into a WireGuard configuration text."""

    gateway: str
    public_key: bytes
    endpoint: str
    preshared_key: Secret


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a sign-in brings to `open_session`. `token` is the hash of the bearer's token."""

    id: str
    user_id: str
    username: str
    factor: Factor
    public_key: bytes
    token: str


def open_session(
    connection: Connection, new: NewSession, at: Iterable[Gateway], sealer: Sealer, rules: Sessions, now: int
) -> Mapping[str, int]:
    """A pending session at these gateways: for each the revision that it must confirm.

    Raises Fault PUBLIC_KEY_USED, NO_ADDRESS_FREE.
    """
    lock_peers(connection)
    _use_key(connection, new.public_key, now)
    end_due_sessions(connection, rules, now)
    connection.execute(
        insert(sessions).values(
            id=new.id,
            user_id=new.user_id,
            username=new.username,
            factor=new.factor.value,
            public_key=new.public_key,
            token=new.token,
            address="",
            state=SessionState.PENDING.value,
            started_at=now,
            ends_at=now + rules.length_s,
            renewable_until=now + rules.total_s,
        )
    )
    lease = take_address(connection, new.id, now)
    connection.execute(
        update(sessions).where(sessions.c.id == new.id).values(address=lease.address, address6=lease.address6)
    )
    return {gateway.name: _add_peer(connection, new.id, gateway.name, sealer) for gateway in at}


def activate(connection: Connection, session_id: str) -> None:
    connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.state == SessionState.PENDING.value)
        .values(state=SessionState.ACTIVE.value)
    )


def move_end(connection: Connection, session: Session, ends_at: int) -> None:
    """Renewal: the end moves, and nothing else. Every gateway of the session learns it."""
    lock_peers(connection)
    connection.execute(update(sessions).where(sessions.c.id == session.id).values(ends_at=ends_at))
    _peers_changed(connection, session.id)


def end_session(connection: Connection, session_id: str, rules: Sessions, now: int) -> Mapping[str, int]:
    """Ends it, if it has not ended, and forgets its preshared keys: for each gateway that had it the revision without
    it."""
    lock_peers(connection)
    ended = connection.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.state != SessionState.ENDED.value)
        .values(state=SessionState.ENDED.value, ended_at=now)
        .returning(sessions.c.ends_at)
    ).one_or_none()
    if ended is None:
        return {}
    gone_by = max(now, gone_at_the_latest(ended.ends_at, rules, now))
    give_back(connection, session_id, gone_by + rules.address_rest_s)
    changed = _peers_changed(connection, session_id)
    connection.execute(delete(peers).where(peers.c.session_id == session_id))
    return changed


def gone_at_the_latest(ends_at: int, rules: Sessions, now: int) -> int:
    """When even a gateway that is cut off has removed the peer: at its end, or at its isolation limit."""
    return min(ends_at, now + rules.isolation_limit_s)


def end_due_sessions(connection: Connection, rules: Sessions, now: int) -> None:
    """Ends what is past its end, which the gateways have removed by themselves, and what a portal that died left
    pending."""
    left_pending = and_(sessions.c.state == SessionState.PENDING.value, sessions.c.started_at < now - LONGEST_PENDING_S)
    due = connection.execute(
        select(sessions.c.id).where(
            sessions.c.state != SessionState.ENDED.value, or_(sessions.c.ends_at <= now, left_pending)
        )
    ).scalars()
    for session_id in list(due):
        end_session(connection, session_id, rules, now)


def end_sessions_of(connection: Connection, user_id: str, rules: Sessions, now: int) -> int:
    """How many were ended."""
    open_ones = connection.execute(
        select(sessions.c.id).where(sessions.c.user_id == user_id, sessions.c.state != SessionState.ENDED.value)
    ).scalars()
    ids = list(open_ones)
    for session_id in ids:
        end_session(connection, session_id, rules, now)
    return len(ids)


def session_by_token(connection: Connection, token: str, now: int) -> Session:
    """The session that a bearer has. Raises Fault SESSION_ENDED when there is none, or none any more."""
    row = connection.execute(
        select(sessions).where(
            sessions.c.token == token, sessions.c.state == SessionState.ACTIVE.value, sessions.c.ends_at > now
        )
    ).one_or_none()
    if row is None:
        raise Fault(Code.SESSION_ENDED)
    return _session(row)


def session_by_id(connection: Connection, session_id: str) -> Session:
    """Raises Fault NOT_FOUND."""
    row = connection.execute(select(sessions).where(sessions.c.id == session_id)).one_or_none()
    if row is None:
        raise Fault(Code.NOT_FOUND, kind="session", name=session_id)
    return _session(row)


def open_sessions(connection: Connection) -> list[Session]:
    rows = connection.execute(
        select(sessions).where(sessions.c.state != SessionState.ENDED.value).order_by(sessions.c.started_at)
    )
    return [_session(row) for row in rows]


def sessions_of(connection: Connection, user_id: str, most_ended: int) -> list[Session]:
    """A member's open sessions, then the newest of those that have ended; each newest first."""
    mine = select(sessions).where(sessions.c.user_id == user_id).order_by(sessions.c.started_at.desc())
    ended = sessions.c.state == SessionState.ENDED.value
    rows = [*connection.execute(mine.where(~ended)), *connection.execute(mine.where(ended).limit(most_ended))]
    return [_session(row) for row in rows]


def confirmed_hops(connection: Connection, session_id: str, sealer: Sealer) -> tuple[Hop, ...]:
    """Where the session stands, in order of preference: gateways that have confirmed it."""
    rows = connection.execute(
        select(gateways.c.name, gateways.c.public_key, gateways.c.endpoint, peers.c.sealed_preshared_key)
        .join_from(peers, gateways)
        .where(peers.c.session_id == session_id, gateways.c.applied >= peers.c.since, gateways.c.state != "down")
        .order_by(gateways.c.preference, gateways.c.name)
    )
    return tuple(
        Hop(
            row.name,
            bytes(row.public_key),
            row.endpoint,
            Secret(sealer.open(bytes(row.sealed_preshared_key), peer_identity(session_id, row.name)).decode()),
        )
        for row in rows
    )


def _use_key(connection: Connection, public_key: bytes, now: int) -> None:
    try:
        connection.execute(insert(used_public_keys).values(public_key=public_key, first_used_at=now))
    except IntegrityError:
        raise Fault(Code.PUBLIC_KEY_USED) from None


def _add_peer(connection: Connection, session_id: str, gateway: str, sealer: Sealer) -> int:
    revision = raise_revision(connection, gateway)
    preshared_key = base64.b64encode(secrets.token_bytes(32))
    connection.execute(
        insert(peers).values(
            session_id=session_id,
            gateway=gateway,
            sealed_preshared_key=sealer.seal(preshared_key, peer_identity(session_id, gateway)),
            since=revision,
        )
    )
    return revision


def _peers_changed(connection: Connection, session_id: str) -> Mapping[str, int]:
    """Raises the revision of each gateway of the session."""
    names = connection.execute(select(peers.c.gateway).where(peers.c.session_id == session_id)).scalars()
    return {name: raise_revision(connection, name) for name in list(names)}


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        row.id,
        row.user_id,
        row.username,
        Factor(row.factor),
        bytes(row.public_key),
        row.address,
        row.address6,
        SessionState(row.state),
        row.started_at,
        row.ends_at,
        row.renewable_until,
        row.ended_at,
    )

"""Finishing a login, in the protocol's order.

1. Open the sealed login; refuse one that is spent, ended, or for another purpose. It is spent now, whatever follows.
2. The proof; an authentic one-time password is burned at once (`proving.py`).
3. Only then the password (`password.py`), limited by key.
4. Account state, posture, an expired password (`admission.py`). What these refuse is in the audit log (`attempt.py`).
5. A pending session: address and WireGuard key, unique in the database.
6. Gateways confirm: waited for by the caller, between `open_pending` and `complete`.
7. The grant.

Every step that writes is a transaction of its own: being killed between any two leaves nothing that can be used, and a
pending session that nobody completes ends by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.login.admission import Knowledge, check_account, check_posture, new_password
from flexnetd.portal.login.attempt import (
    Attempt,
    check_knowledge,
    give_back,
    keep_password,
    note,
    refusals_noted,
    refuse_if_locked_meanwhile,
)
from flexnetd.portal.login.grant import grant_claims
from flexnetd.portal.login.proving import Proven, prove
from flexnetd.portal.login.sealed import Login, open_login, spent_name
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import accounts
from flexnetd.portal.storage import sessions as stored
from flexnetd.portal.storage.gateways import GatewayState, all_gateways
from flexnetd.portal.storage.sessions import Hop, NewSession, Session
from flexnetd.portal.storage.spent import spend
from flexnetd.wire.digest import Purpose
from flexnetd.wire.grant import sealed_grant
from flexnetd.wire.portal import GrantAnswer, LoginFinish, RenewalFinish

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pending:
    """A session that waits for its gateways; `revisions` is what each must confirm."""

    session: str
    token: Secret
    digest: bytes
    revisions: Mapping[str, int]


def open_pending(portal: Portal, message: LoginFinish, source: str) -> Pending:
    """Steps 1 to 5. Blocks: for a thread. Raises Fault, any of FN-2xx and PORTAL_BUSY."""
    login = open_login(message.login, portal.keys.logins, Purpose.LOGIN)
    attempt = Attempt(login.username, source, "sign-in")
    now = _spend(portal, login, message.login, attempt)
    proven = prove(portal, login.username, login.factor, login.digest(portal.config.origin), message.proof)
    known = Knowledge(message.password, message.new_password, message.activation)
    with refusals_noted(portal, attempt, proven):
        check_knowledge(portal, attempt, proven, known, now)
        check_account(proven)
        check_posture(portal.config.posture, message.posture)
        hashed = new_password(portal, proven.user, known, now)
        return _pending(portal, login, proven, hashed)


def complete(portal: Portal, pending: Pending) -> GrantAnswer:
    """Step 7, after the wait for the gateways. Raises Fault NO_GATEWAY, and the session is undone."""
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        hops = stored.confirmed_hops(connection, pending.session, portal.keys.at_rest)
        if hops:
            stored.activate(connection, pending.session)
            _note(portal, connection, pending.session, "sign-in")
        else:
            stored.end_session(connection, pending.session, portal.config.sessions, now)
        session = stored.session_by_id(connection, pending.session)
    if not hops or session.state is not stored.SessionState.ACTIVE:
        raise Fault(Code.NO_GATEWAY)
    return _grant(portal, session, hops, pending.token, pending.digest, now)


def renew(portal: Portal, session: Session, token: Secret, message: RenewalFinish, source: str) -> GrantAnswer:
    """`session` is that of `token`. A fresh proof over the same key moves the end, and nothing else.

    Raises Fault: LOGIN_ENDED, CREDENTIALS_REFUSED, CODE_ALREADY_USED, ACCOUNT_DISABLED, FACTOR_TOO_WEAK, SESSION_ENDED,
    RENEWAL_LIMIT, TOO_MANY_TRIES.
    """
    login = open_login(message.login, portal.keys.logins, Purpose.RENEW)
    if login.session != session.id:
        raise Fault(Code.LOGIN_ENDED)
    attempt = Attempt(login.username, source, "renew")
    _spend(portal, login, message.login, attempt)
    proven = prove(portal, login.username, login.factor, login.digest(portal.config.origin), message.proof)
    give_back(portal, attempt, proven)
    with refusals_noted(portal, attempt, proven):
        check_account(proven)
        if proven.user.id != session.user_id:
            raise Fault(Code.CREDENTIALS_REFUSED)
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        session = stored.session_by_token(connection, token_hash(token), now)
        if session.ends_at >= session.renewable_until:
            raise Fault(Code.RENEWAL_LIMIT, ends_at=session.ends_at)
        ends_at = min(now + portal.config.sessions.length_s, session.renewable_until)
        stored.move_end(connection, session, max(ends_at, session.ends_at))
        _note(portal, connection, session.id, "renew")
        session = stored.session_by_id(connection, session.id)
        hops = stored.confirmed_hops(connection, session.id, portal.keys.at_rest)
    if not hops:
        raise Fault(Code.NO_GATEWAY)
    return _grant(portal, session, hops, token, login.digest(portal.config.origin), now)


def token_hash(token: Secret) -> str:
    """What the database keeps of a bearer's token, which has 256 random bits."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()


def end(portal: Portal, session: Session) -> tuple[int, int, Mapping[str, int]]:
    """Signs out: now, when the peer is gone at the latest, and the revisions that say so."""
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        if stored.session_by_id(connection, session.id).state is not stored.SessionState.ENDED:
            _note(portal, connection, session.id, "sign-out")
        revisions = stored.end_session(connection, session.id, portal.config.sessions, now)
    return now, stored.gone_at_the_latest(session.ends_at, portal.config.sessions, now), revisions


def _spend(portal: Portal, login: Login, sealed: str, attempt: Attempt) -> int:
    """Spends the login and charges the try; gives the time. Committed before anything is raised."""
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        fresh = spend(connection, spent_name(sealed), login.ends_at, now)
        limited = attempt.charge(portal, connection, now)
    if limited:
        raise limited
    if not fresh or now >= login.ends_at:
        raise Fault(Code.LOGIN_ENDED)
    return now


def _note(portal: Portal, connection: Connection, session_id: str, action: str) -> None:
    session = stored.session_by_id(connection, session_id)
    user = accounts.user_by_id(connection, session.user_id)
    assert user is not None, "a session belongs to a user"
    note(portal, connection, user, action, f"session {session.id} by {session.factor.value}")


def _grant(
    portal: Portal, session: Session, hops: tuple[Hop, ...], token: Secret, digest: bytes, now: int
) -> GrantAnswer:
    config = portal.config
    claims = grant_claims(config.origin, config.network, session, hops, token, digest, now)
    return GrantAnswer(sealed_grant(claims, portal.keys.grant_key.reveal()))


def _pending(portal: Portal, login: Login, proven: Proven, hashed: str | None) -> Pending:
    token = Secret(secrets.token_urlsafe(_TOKEN_BYTES))
    user = proven.user
    new = NewSession(accounts.new_id(), user.id, login.username, login.factor, login.public_key, token_hash(token))
    if hashed is not None:
        keep_password(portal, user, hashed)
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        refuse_if_locked_meanwhile(connection, proven)
        gateways = [one for one in all_gateways(connection) if one.state is GatewayState.ACTIVE]
        if not gateways:
            raise Fault(Code.NO_GATEWAY)
        revisions = stored.open_session(connection, new, gateways, portal.keys.at_rest, portal.config.sessions, now)
    return Pending(new.id, token, login.digest(portal.config.origin), revisions)

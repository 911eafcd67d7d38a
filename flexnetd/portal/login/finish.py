"""Finishing a login, in the protocol's order.

1. Open the sealed login; refuse one that is spent, ended, or for another purpose. It is spent now, whatever follows.
2. The proof; an authentic one-time password is burned at once (`proving.py`).
3. Only then the password (`password.py`), limited by key.
4. Account state, posture, an expired password (`admission.py`).
5. A pending session: address and WireGuard key, unique in the database.
6. Gateways confirm: waited for by the caller, between `open_pending` and `complete`.
7. The grant.

Every step that writes is a transaction of its own: being killed between any two leaves nothing that can be used, and a
pending session that nobody completes ends by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.login.admission import Admitted, admit, check_account, check_password
from flexnetd.portal.login.grant import grant_claims
from flexnetd.portal.login.proving import Proven, prove
from flexnetd.portal.login.sealed import Login, open_login, spent_name
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import accounts, audit
from flexnetd.portal.storage import sessions as stored
from flexnetd.portal.storage.accounts import AccountState, User
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
    now = _spend(portal, login, message.login, source)
    proven = prove(portal, login, message.proof)
    _charge_password(portal, proven, now)
    with _given_back_when_busy(portal, login, proven, source):
        check_password(portal, proven.user, message, now)
        _give_back(portal, login, proven, source)
        admitted = admit(portal, proven, message, now)
    return _pending(portal, login, proven, admitted)


def complete(portal: Portal, pending: Pending) -> GrantAnswer:
    """Step 7, after the wait for the gateways. Raises Fault NO_GATEWAY, and the session is undone."""
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        hops = stored.confirmed_hops(connection, pending.session, portal.keys.at_rest)
        if hops:
            stored.activate(connection, pending.session)
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
    _spend(portal, login, message.login, source)
    proven = prove(portal, login, message.proof)
    _give_back(portal, login, proven, source)
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
        session = stored.session_by_id(connection, session.id)
        hops = stored.confirmed_hops(connection, session.id, portal.keys.at_rest)
    if not hops:
        raise Fault(Code.NO_GATEWAY)
    return _grant(portal, session, hops, token, login.digest(portal.config.origin), now)


def token_hash(token: Secret) -> str:
    """What the database keeps of a bearer's token, which has 256 random bits."""
    return hashlib.sha256(token.reveal().encode()).hexdigest()


def _spend(portal: Portal, login: Login, sealed: str, source: str) -> int:
    """Spends the login and charges the try; gives the time. Committed before anything is raised."""
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        fresh = spend(connection, spent_name(sealed), login.ends_at, now)
        limited = portal.limits.charge_try(connection, accounts.folded(login.username), source, now)
    if limited:
        raise limited
    if not fresh or now >= login.ends_at:
        raise Fault(Code.LOGIN_ENDED)
    return now


def _charge_password(portal: Portal, proven: Proven, now: int) -> None:
    with portal.database.writing() as connection:
        limited = portal.limits.charge_password(connection, proven.key.id, now)
    if limited:
        raise limited


def _give_back(portal: Portal, login: Login, proven: Proven, source: str) -> None:
    """The try was good."""
    with portal.database.writing() as connection:
        portal.limits.good_try(connection, accounts.folded(login.username), source)
        portal.limits.good_password(connection, proven.key.id)


@contextmanager
def _given_back_when_busy(portal: Portal, login: Login, proven: Proven, source: str) -> Iterator[None]:
    """That the portal is busy is nobody's failure."""
    try:
        yield
    except Fault as fault:
        if fault.code is Code.PORTAL_BUSY:
            _give_back(portal, login, proven, source)
        raise


def _grant(
    portal: Portal, session: Session, hops: tuple[Hop, ...], token: Secret, digest: bytes, now: int
) -> GrantAnswer:
    config = portal.config
    claims = grant_claims(config.origin, config.network, session, hops, token, digest, now)
    return GrantAnswer(sealed_grant(claims, portal.keys.grant_key.reveal()))


def _pending(portal: Portal, login: Login, proven: Proven, admitted: Admitted) -> Pending:
    token = Secret(secrets.token_urlsafe(_TOKEN_BYTES))
    user = proven.user
    new = NewSession(accounts.new_id(), user.id, login.username, login.factor, login.public_key, token_hash(token))
    if admitted.new_password is not None:
        _keep_password(portal, user, admitted.new_password)
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        _refuse_if_locked_meanwhile(connection, proven)
        gateways = [one for one in all_gateways(connection) if one.state is GatewayState.ACTIVE]
        if not gateways:
            raise Fault(Code.NO_GATEWAY)
        revisions = stored.open_session(connection, new, gateways, portal.keys.at_rest, portal.config.sessions, now)
    return Pending(new.id, token, login.digest(portal.config.origin), revisions)


def _keep_password(portal: Portal, user: User, hashed: str) -> None:
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        accounts.set_password(connection, user.id, hashed, now)
        audit.append(connection, now, f"user {user.name}", "set-password", f"user {user.name}")


def _refuse_if_locked_meanwhile(connection: Connection, proven: Proven) -> None:
    """The password took its time; the helpdesk may have locked account or key in it."""
    user = accounts.user_by_id(connection, proven.user.id)
    keys = {key.id: key.state for key in accounts.keys_of(connection, proven.user.id)}
    if user is None or user.state is not AccountState.ACTIVE or keys.get(proven.key.id) is not AccountState.ACTIVE:
        raise Fault(Code.ACCOUNT_DISABLED)

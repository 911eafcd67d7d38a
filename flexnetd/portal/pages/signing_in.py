"""Signing in to the pages, with a user name, a password and a code: one that the YubiKey types, or an emergency code.

The order is that of the protocol (`flexnetd/portal/login/attempt.py`): the try is charged, the code is verified and
burned, only then the password is looked at, limited by key, and only then the account is spoken of. Unknown user, wrong
code and wrong password are one answer.

One rule of the protocol does not hold here: who has a key with a bound factor may still type a code. The protocol
refuses that, since a typed code can be relayed and would open a tunnel for the relay. Nothing that is done here opens
one, and without this no member with the better key could reach the pages at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from flexnetd.model.factor import Factor
from flexnetd.model.secret import Secret
from flexnetd.portal.login.admission import Knowledge, check_unlocked, new_password
from flexnetd.portal.login.attempt import (
    Attempt,
    check_knowledge,
    keep_password,
    note,
    refusals_noted,
    refuse_if_locked_meanwhile,
)
from flexnetd.portal.login.finish import token_hash
from flexnetd.portal.login.proving import Proven, prove
from flexnetd.portal.pages.visiting import new_token
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage.page_sessions import open_page_session

_NO_DIGEST = b""
"""A typed code covers nothing."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person typed."""

    username: str
    factor: Factor
    code: Secret
    known: Knowledge


def sign_in(portal: Portal, entry: Entry, source: str) -> Secret:
    """The cookie of the new sign-in. Blocks.

    Raises Fault: CREDENTIALS_REFUSED, CODE_ALREADY_USED, TOO_MANY_TRIES, PORTAL_BUSY, and when code and password were
    right ACCOUNT_DISABLED, PASSWORD_EXPIRED, PASSWORD_TOO_WEAK; ACTIVATION_NEEDED, ACTIVATION_REFUSED behind the code.
    """
    attempt = Attempt(entry.username, source, "page-sign-in")
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        limited = attempt.charge(portal, connection, now)
    if limited:
        raise limited
    proven = prove(portal, entry.username, entry.factor, _NO_DIGEST, entry.code)
    with refusals_noted(portal, attempt, proven):
        check_knowledge(portal, attempt, proven, entry.known, now)
        check_unlocked(proven.user)
        hashed = new_password(portal, proven.user, entry.known, now)
        if hashed is not None:
            keep_password(portal, proven.user, hashed)
        password = proven.user.password if hashed is None else Secret(hashed)
        assert password is not None, "who has none was sent to the activation"
        return _opened(portal, proven, password)


def _opened(portal: Portal, proven: Proven, password: Secret) -> Secret:
    cookie = new_token()
    with portal.database.writing() as connection:
        now = portal.database.now(connection)
        refuse_if_locked_meanwhile(connection, proven)
        longest_s = portal.config.pages.longest_s
        open_page_session(connection, token_hash(cookie), proven.user.id, proven.key.id, password, longest_s, now)
        note(portal, connection, proven.user, "page-sign-in", f"key {proven.key.id}")
    return cookie

"""One try to sign in: what the protocol's sign-in, its renewal and the members' pages do alike.

The order is the same for all of them. A try is charged before anything is judged. The proof comes first, and an
authentic one-time password is burned by it. Only behind a good proof is a password looked at, limited by key. The
charges are given back when the try was good, or when the portal was too busy to say.

What is noted in the audit log: a try that succeeded (by the caller, in the transaction of what it opened), and one that
was refused after a good proof, with its code. Only who holds a key can cause such an entry, and only as often as the
limit by key allows. What a stranger does is not noted: he could fill the log, and everybody waits for its lock.
Addresses are not noted, since nothing can be taken out of this log again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.login.admission import Knowledge, check_password
from flexnetd.portal.login.proving import Proven
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import accounts, audit
from flexnetd.portal.storage.accounts import AccountState, User

_NOT_NOTED = {Code.PORTAL_BUSY, Code.TOO_MANY_TRIES}


@dataclass(frozen=True, slots=True)
class Attempt:
    """`username` as typed; `source` what limits count by; `action` what the audit log calls it."""

    username: str
    source: str
    action: str

    def charge(self, portal: Portal, connection: Connection, now: int) -> Fault | None:
        """The fault to raise once the charge is committed; None when the try may go on."""
        return portal.limits.charge_try(connection, accounts.folded(self.username), self.source, now)


def check_knowledge(portal: Portal, attempt: Attempt, proven: Proven, known: Knowledge, now: int) -> None:
    """The password, behind a good proof. Raises Fault TOO_MANY_TRIES and what `check_password` raises."""
    with portal.database.writing() as connection:
        limited = portal.limits.charge_password(connection, proven.key.id, now)
    if limited:
        raise limited
    try:
        if proven.key.factor is Factor.EMERGENCY_CODE and known.activation is not None:
            raise Fault(Code.ACTIVATION_REFUSED)  # two codes of the helpdesk together would stand for key and password
        check_password(portal, proven.user, known, now)
    except Fault as fault:
        if fault.code is Code.PORTAL_BUSY:
            give_back(portal, attempt, proven)  # that the portal is busy is nobody's failure
        raise
    give_back(portal, attempt, proven)


def give_back(portal: Portal, attempt: Attempt, proven: Proven) -> None:
    """The try was good."""
    with portal.database.writing() as connection:
        portal.limits.good_try(connection, accounts.folded(attempt.username), attempt.source)
        portal.limits.good_password(connection, proven.key.id)


@contextmanager
def refusals_noted(portal: Portal, attempt: Attempt, proven: Proven) -> Iterator[None]:
    """What is refused in here is in the audit log."""
    try:
        yield
    except Fault as fault:
        if fault.code not in _NOT_NOTED:
            with portal.database.writing() as connection:
                note(portal, connection, proven.user, f"{attempt.action}-refused", fault.code.value)
        raise


def note(portal: Portal, connection: Connection, user: User, action: str, detail: str = "") -> None:
    """An entry of the audit log about what somebody did to his own account."""
    name = f"user {user.name}"
    audit.append(connection, portal.database.now(connection), name, action, name, detail)


def keep_password(portal: Portal, user: User, hashed: str) -> None:
    with portal.database.writing() as connection:
        accounts.set_password(connection, user.id, hashed, portal.database.now(connection))
        note(portal, connection, user, "set-password")


def refuse_if_locked_meanwhile(connection: Connection, proven: Proven) -> None:
    """The password took its time; the helpdesk may have locked account or key in it."""
    user = accounts.user_by_id(connection, proven.user.id)
    keys = {key.id: key.state for key in accounts.keys_of(connection, proven.user.id)}
    if user is None or user.state is not AccountState.ACTIVE or keys.get(proven.key.id) is not AccountState.ACTIVE:
        raise Fault(Code.ACCOUNT_DISABLED)

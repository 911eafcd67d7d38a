"""Beginning a login. Nothing is stored, and known and unknown user names get the same answer.

FIDO2 is the one factor for which something is looked up: a key signs only for a credential that it is asked for by
name. Who has none, and who does not exist, gets made-up ones: always the same for the same name, so that asking twice
tells nothing, and as many and as long as people have.
"""

from __future__ import annotations

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.keys import Keys
from flexnetd.portal.login.sealed import Login, new_nonce, sealed_login
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import accounts
from flexnetd.portal.storage.sessions import Session
from flexnetd.wire.digest import Purpose
from flexnetd.wire.fido2 import MOST_CREDENTIALS, Fido2Ask
from flexnetd.wire.portal import LoginBegin, LoginBegun, RenewalBegin

_CREDENTIAL_BYTES = 64
"""Of the keys in use."""


def begin_login(portal: Portal, message: LoginBegin) -> LoginBegun:
    """Raises Fault CLIENT_TOO_OLD, FACTOR_TOO_WEAK (this portal takes no such factor from anybody)."""
    oldest = portal.config.clients.oldest
    if version_from_text(message.client_version) < version_from_text(oldest):
        raise Fault(Code.CLIENT_TOO_OLD, oldest=oldest)
    return _begun(portal, Purpose.LOGIN, message.username, message.factor, message.public_key, "")


def begin_renewal(portal: Portal, session: Session, message: RenewalBegin) -> LoginBegun:
    """`session` is the bearer's. Raises Fault FACTOR_TOO_WEAK."""
    return _begun(portal, Purpose.RENEW, session.username, message.factor, session.public_key, session.id)


def version_from_text(text: str) -> tuple[int, ...]:
    """Comparable: "1.10.2" as (1, 10, 2); what follows the numbers does not count."""
    numbers: list[int] = []
    for part in text.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def _begun(
    portal: Portal, purpose: Purpose, username: str, factor: Factor, public_key: bytes, session: str
) -> LoginBegun:
    accepted = portal.config.factors
    if factor not in accepted:
        weakest = min(accepted, key=lambda one: one.strength)
        raise Fault(Code.FACTOR_TOO_WEAK, factor=factor.value, weakest=weakest.value)
    lifetime_s = portal.config.login_lifetime_s
    with portal.database.reading() as connection:
        now = portal.database.now(connection)
    login = Login(purpose, username, factor, public_key, new_nonce(), now + lifetime_s, session)
    asked = _fido2_ask(portal, username) if factor is Factor.FIDO2 else None
    return LoginBegun(sealed_login(login, portal.keys.logins), login.nonce, lifetime_s, asked)


def _fido2_ask(portal: Portal, username: str) -> Fido2Ask:
    with portal.database.reading() as connection:
        found = accounts.credentials_of(connection, username)
    made_up = _made_up_credentials(portal.keys, accounts.folded(username))
    return Fido2Ask((found or made_up)[:MOST_CREDENTIALS], portal.config.fido2.pin)


def _made_up_credentials(keys: Keys, folded_name: str) -> tuple[bytes, ...]:
    """One or two, since a person has two keys or has lost one."""
    count = 1 + keys.made_up(1, "credentials", folded_name)[0] % 2
    return tuple(keys.made_up(_CREDENTIAL_BYTES, "credential", folded_name, str(n)) for n in range(count))

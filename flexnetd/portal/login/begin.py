"""Beginning a login. Nothing is stored, nothing is looked up: known and unknown user names get the same answer."""

from __future__ import annotations

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.login.sealed import Login, new_nonce, sealed_login
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage.sessions import Session
from flexnetd.wire.digest import Purpose
from flexnetd.wire.portal import LoginBegin, LoginBegun, RenewalBegin


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
    return LoginBegun(sealed_login(login, portal.keys.logins), login.nonce, lifetime_s)

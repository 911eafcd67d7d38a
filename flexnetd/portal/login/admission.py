"""After the proof: the password, then whether this account may sign in now.

What is wrong with an account is told only when proof and password were both right. An account without a password yet
is the exception that proves it: its key's holder is told that the activation code is needed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.login.printed_code import printed_code_hash
from flexnetd.portal.login.proving import Proven
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage.accounts import AccountState, User


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the person knows, beside what he holds. `activation` is the code of the letter, with the first sign-in."""

    password: Secret
    new_password: Secret | None = None
    activation: Secret | None = None


def check_password(portal: Portal, user: User, known: Knowledge, now: int) -> None:
    """Raises Fault CREDENTIALS_REFUSED, ACTIVATION_NEEDED, ACTIVATION_REFUSED, PORTAL_BUSY."""
    if _activates(user, known):
        assert known.activation is not None
        if not _activation_right(user, known.activation, now):
            raise Fault(Code.ACTIVATION_REFUSED)
    elif user.password is None:
        raise Fault(Code.ACTIVATION_NEEDED)
    elif not portal.passwords.matches(user.password, known.password):
        raise Fault(Code.CREDENTIALS_REFUSED)


def new_password(portal: Portal, user: User, known: Knowledge, now: int) -> str | None:
    """The hash to keep, None when the password stays. Proof and password were right.

    Raises Fault PASSWORD_EXPIRED, PASSWORD_TOO_WEAK, PORTAL_BUSY.
    """
    if _activates(user, known):
        return portal.passwords.hashed(known.new_password or known.password)
    if known.new_password is None:
        if password_expired(user, portal.config.passwords.expire_after_s, now):
            raise Fault(Code.PASSWORD_EXPIRED)
        return None
    if known.new_password == known.password:
        raise Fault(Code.PASSWORD_TOO_WEAK, minimum_length=portal.config.passwords.minimum_length)
    return portal.passwords.hashed(known.new_password)


def check_account(proven: Proven) -> None:
    """Raises Fault ACCOUNT_DISABLED; FACTOR_TOO_WEAK for an unbound factor of an account that has a bound one.

    An emergency code is for whoever has no key at hand, whatever key that is; the helpdesk issued it for that.
    """
    check_unlocked(proven.user)
    if proven.strongest.bound and not proven.key.factor.bound and proven.key.factor is not Factor.EMERGENCY_CODE:
        raise Fault(Code.FACTOR_TOO_WEAK, factor=proven.key.factor.value, weakest=Factor.YUBIKEY_HMAC.value)


def check_unlocked(user: User) -> None:
    """Raises Fault ACCOUNT_DISABLED."""
    if user.state is not AccountState.ACTIVE:
        raise Fault(Code.ACCOUNT_DISABLED)


def check_posture(policy: Mapping[str, str], told: Mapping[str, str]) -> None:
    """Raises Fault POSTURE_FAILED: a required check that was not passed; one that says nothing was not passed."""
    for check, word in sorted(policy.items()):
        if word == "required" and told.get(check) != "pass":
            raise Fault(Code.POSTURE_FAILED, check=check)


def password_expired(user: User, expire_after_s: int, now: int) -> bool:
    return user.password_expired or (expire_after_s > 0 and user.password_set_at + expire_after_s <= now)


def activation_hash(code: Secret) -> str:
    """What is kept of an activation code."""
    return printed_code_hash(code).hex()


def _activates(user: User, known: Knowledge) -> bool:
    """The code counts while the account has one open, or has no password at all."""
    return known.activation is not None and (user.activation is not None or user.password is None)


def _activation_right(user: User, code: Secret, now: int) -> bool:
    expected = Secret("") if user.activation is None else user.activation
    right = hmac.compare_digest(expected.reveal(), activation_hash(code))
    return right and now < user.activation_ends_at

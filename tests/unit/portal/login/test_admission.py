"""What is asked of an account once its proof was right."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.login.admission import activation_hash, check_account, check_posture, password_expired
from flexnetd.portal.login.proving import Proven
from flexnetd.portal.storage.accounts import AccountState, Key, User

USER = User("u1", "alice", AccountState.ACTIVE, Secret("hash"), 1000, False, None, 0)


def proven(factor: Factor, strongest: Factor, state: AccountState = AccountState.ACTIVE) -> Proven:
    key = Key("k1", factor, "", AccountState.ACTIVE, None, b"")
    return Proven(dataclasses.replace(USER, state=state), key, strongest)


def fault_of(asked: Proven) -> Fault | None:
    try:
        check_account(asked)
    except Fault as fault:
        return fault
    return None


def test_an_unbound_factor_is_too_weak_where_a_bound_one_is_enrolled() -> None:
    otp, hmac = Factor.YUBICO_OTP, Factor.YUBIKEY_HMAC
    assert fault_of(proven(otp, otp)) is None
    assert fault_of(proven(hmac, hmac)) is None
    assert fault_of(proven(hmac, Factor.FIDO2)) is None
    weak = Fault(Code.FACTOR_TOO_WEAK, factor="yubico-otp", weakest="yubikey-hmac")
    assert fault_of(proven(otp, hmac)) == weak
    assert fault_of(proven(otp, Factor.FIDO2)) == weak


def test_a_locked_account_is_told_first() -> None:
    assert fault_of(proven(Factor.YUBICO_OTP, Factor.FIDO2, AccountState.LOCKED)) == Fault(Code.ACCOUNT_DISABLED)


@pytest.mark.parametrize(
    ("policy", "told", "failed"),
    [
        ({}, {}, None),
        ({"firewall": "required"}, {"firewall": "pass"}, None),
        ({"firewall": "required"}, {"firewall": "fail"}, "firewall"),
        ({"firewall": "required"}, {"firewall": "unknown"}, "firewall"),
        ({"firewall": "required"}, {}, "firewall"),
        ({"firewall": "warned", "updates": "ignored"}, {"firewall": "fail", "updates": "fail"}, None),
    ],
)
def test_only_a_required_check_that_passed_is_passed(
    policy: Mapping[str, str], told: Mapping[str, str], failed: str | None
) -> None:
    if failed is None:
        check_posture(policy, told)
        return
    with pytest.raises(Fault) as raised:
        check_posture(policy, told)
    assert raised.value == Fault(Code.POSTURE_FAILED, check=failed)


def test_a_password_expires_by_its_age_or_by_the_helpdesk() -> None:
    assert not password_expired(USER, 0, 10**9)
    assert not password_expired(USER, 100, 1099)
    assert password_expired(USER, 100, 1100)
    assert password_expired(dataclasses.replace(USER, password_expired=True), 0, 0)


def test_an_activation_code_reads_the_same_however_it_is_typed() -> None:
    assert activation_hash(Secret("abcd-efgh")) == activation_hash(Secret(" ABCD EFGH"))
    assert activation_hash(Secret("ABCD")) != activation_hash(Secret("ABCE"))

"""Which of a member's keys are one YubiKey."""

from __future__ import annotations

import dataclasses

from flexnetd.model.factor import Factor
from flexnetd.portal.pages.devices import devices
from flexnetd.portal.storage.accounts import AccountState, Key

HMAC, OTP = Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP


def key(key_id: str, factor: Factor, label: str, state: AccountState = AccountState.ACTIVE) -> Key:
    return Key(key_id, factor, label, state, None, b"")


def test_keys_with_one_label_are_one_yubikey_and_those_without_are_each_their_own() -> None:
    found = devices([key("a", HMAC, "1"), key("b", OTP, ""), key("c", OTP, "1"), key("d", OTP, "")], 0)
    assert [(one.id, one.label, [each.id for each in one.keys]) for one in found] == [
        ("a", "1", ["a", "c"]),
        ("b", "", ["b"]),
        ("d", "", ["d"]),
    ]
    assert found[0].factors == ("yubico-otp", "yubikey-hmac")
    assert found[0].has("c")
    assert not found[0].has("b")


def test_a_yubikey_is_active_while_anything_of_it_is() -> None:
    (half,) = devices([key("a", HMAC, "1", AccountState.LOCKED), key("b", OTP, "1")], 0)
    (none,) = devices([key("a", HMAC, "1", AccountState.LOCKED)], 0)
    assert (half.active, none.active) == (True, False)


def test_an_emergency_code_is_told_until_it_ends_and_is_no_yubikey() -> None:
    code = Key("e", Factor.EMERGENCY_CODE, "", AccountState.ACTIVE, None, b"", None, 1, 100)
    (device,) = devices([code], 99)
    assert (device.emergency_code, device.active) == (code, True)
    assert devices([key("a", HMAC, "1")], 0)[0].emergency_code is None
    assert devices([code], 100) == []
    assert devices([dataclasses.replace(code, uses_left=0)], 99) == []
    assert devices([dataclasses.replace(code, state=AccountState.LOCKED)], 99) == []

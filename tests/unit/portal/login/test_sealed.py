"""The sealed login."""

from __future__ import annotations

import base64
import dataclasses

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.keys import keys_from
from flexnetd.portal.login.sealed import Login, new_nonce, open_login, sealed_login, spent_name
from flexnetd.wire.digest import Purpose, login_digest

SEALER = keys_from(bytes(32), bytes(32)).logins
LOGIN = Login(Purpose.LOGIN, "Dr. Müller", Factor.YUBIKEY_HMAC, bytes(range(32)), bytes(32), 1000)


def ended(sealed: str, purpose: Purpose = Purpose.LOGIN) -> None:
    with pytest.raises(Fault) as told:
        open_login(sealed, SEALER, purpose)
    assert told.value == Fault(Code.LOGIN_ENDED)


def test_a_login_opens_to_what_was_sealed() -> None:
    assert open_login(sealed_login(LOGIN, SEALER), SEALER, Purpose.LOGIN) == LOGIN


def test_a_login_for_another_purpose_is_refused() -> None:
    ended(sealed_login(LOGIN, SEALER), Purpose.RENEW)
    ended(sealed_login(dataclasses.replace(LOGIN, purpose=Purpose.RENEW), SEALER), Purpose.LOGIN)


def test_a_login_of_another_portal_is_refused() -> None:
    ended(sealed_login(LOGIN, keys_from(b"\x01" * 32, bytes(32)).logins))


def test_no_byte_of_it_can_be_changed() -> None:
    raw = base64.urlsafe_b64decode(sealed_login(LOGIN, SEALER))
    for index in range(len(raw)):
        wrong = bytes(byte ^ (index == at) for at, byte in enumerate(raw))
        ended(base64.urlsafe_b64encode(wrong).decode())


@pytest.mark.parametrize("text", ["", "AA", "AQ==", "ä", "not base64", "====", "AQ" * 600])
def test_what_is_no_login_is_refused(text: str) -> None:
    ended(text)


def test_something_else_sealed_with_the_same_key_is_refused() -> None:
    ended(base64.urlsafe_b64encode(SEALER.seal(b"{}", "login 1")).decode())
    ended(base64.urlsafe_b64encode(SEALER.seal(b"{}", "other")).decode())


def test_another_spelling_of_the_same_login_is_spent_with_it() -> None:
    sealed = base64.urlsafe_b64encode(b"x" * 32).decode()
    other = sealed[:-2] + chr(ord(sealed[-2]) + 1) + "="
    assert other != sealed
    assert base64.urlsafe_b64decode(other) == base64.urlsafe_b64decode(sealed)
    assert spent_name(other) == spent_name(sealed)


def test_the_digest_is_that_of_its_fields() -> None:
    expected = login_digest(
        Purpose.LOGIN, "https://p", "Dr. Müller", Factor.YUBIKEY_HMAC, LOGIN.nonce, LOGIN.public_key
    )
    assert LOGIN.digest("https://p") == expected


def test_nonces_and_seals_never_repeat() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100
    assert len({sealed_login(LOGIN, SEALER) for _ in range(100)}) == 100

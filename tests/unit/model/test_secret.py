from __future__ import annotations

import logging

import pytest

from flexnetd.model.secret import Secret, SecretBytes

WORD = "hunter2"


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(WORD)
    assert WORD not in f"{secret} {secret!r} {[secret]} {logging.Formatter().format(_record(secret))}"
    assert secret.reveal() == WORD


def test_secrets_are_compared_by_what_they_hold() -> None:
    assert Secret(WORD) == Secret("hunter2")
    assert hash(Secret(WORD)) == hash(Secret("hunter2"))
    assert Secret(WORD) != Secret("hunter3")
    assert Secret("ä") != Secret("a")
    assert Secret(WORD) != WORD


def test_an_empty_secret_is_false() -> None:
    assert Secret(WORD)
    assert not Secret("")


def test_secret_bytes_tell_their_length_and_nothing_else() -> None:
    secret = SecretBytes(b"hunter2")
    assert "hunter2" not in f"{secret} {secret!r}"
    assert str(secret) == "SecretBytes(7 bytes)"
    assert secret.reveal() == b"hunter2"
    assert len(secret) == 7


def test_secret_bytes_are_compared_by_what_they_hold() -> None:
    assert SecretBytes(b"ab") == SecretBytes(bytearray(b"ab"))
    assert hash(SecretBytes(b"ab")) == hash(SecretBytes(b"ab"))
    assert SecretBytes(b"ab") != SecretBytes(b"ac")
    assert SecretBytes(b"ab") != b"ab"


def test_wiped_bytes_are_zero_and_the_callers_own_copy_is_untouched() -> None:
    given = bytearray(b"hunter2")
    secret = SecretBytes(given)
    secret.wipe()
    assert secret.reveal() == bytes(7)
    assert given == b"hunter2"


@pytest.mark.parametrize("kind", [Secret, SecretBytes])
def test_a_secret_takes_no_further_attributes(kind: type[Secret] | type[SecretBytes]) -> None:
    with pytest.raises(AttributeError):
        kind(b"x").note = 1  # type: ignore[arg-type,union-attr]


def _record(secret: Secret) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (secret, secret), None)

"""Yubico OTPs: the example that Yubico publishes, and OTPs of a key of our own for what can be wrong."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.portal.login.proof_yubico_otp import Counters, TypedOtp, crc16, is_modhex, modhex, opened_otp, typed_otp
from tests.bed.portal_on_loopback import OtpKey

AES_KEY = SecretBytes(bytes.fromhex("ecde18dbe76fbd0c33330f1c354871db"))
PRIVATE_ID = SecretBytes(bytes.fromhex("8792ebfe26cc"))
PUBLISHED = "dteffujehknhfjbrjnlnldnhcujvddbikngjrtgh"


def test_the_published_example_opens() -> None:
    otp = typed_otp(Secret(PUBLISHED))
    assert otp is not None
    assert otp.public_id == "dteffuje"
    assert opened_otp(otp, AES_KEY, PRIVATE_ID) == Counters(use=19, session=17)


def test_the_last_32_letters_are_the_block_and_those_before_the_public_id() -> None:
    block = "cbdefghijklnrtuv" * 2
    expected = bytes.fromhex("0123456789abcdef" * 2)
    for public_id in ("", "c", "vvccccbbccdd", "vvccccbbccddeeff"):
        assert typed_otp(Secret(public_id + block)) == TypedOtp(public_id, expected)


def test_blanks_enter_and_caps_lock_are_forgiven() -> None:
    assert typed_otp(Secret(f" {PUBLISHED.upper()}\r\n")) == typed_otp(Secret(PUBLISHED))


@pytest.mark.parametrize(
    "text", ["", "c" * 31, "c" * 49, "a" + "c" * 43, "c" * 20 + " " + "c" * 20, "ö" * 32, "123456"]
)
def test_what_no_key_types_is_no_otp(text: str) -> None:
    assert typed_otp(Secret(text)) is None


def encrypted(plain: bytes) -> TypedOtp:
    encryptor = Cipher(algorithms.AES(AES_KEY.reveal()), modes.ECB()).encryptor()
    return TypedOtp("", encryptor.update(plain) + encryptor.finalize())


def plain(private_id: bytes = PRIVATE_ID.reveal(), use: int = 1, session: int = 1) -> bytes:
    body = private_id + use.to_bytes(2, "little") + b"\x01\x02\x03" + bytes([session]) + b"\x04\x05"
    return body + (crc16(body) ^ 0xFFFF).to_bytes(2, "little")


def test_a_wrong_private_id_a_wrong_crc_and_a_wrong_key_do_not_open() -> None:
    assert opened_otp(encrypted(plain()), AES_KEY, PRIVATE_ID) == Counters(1, 1)
    for index in range(6):
        wrong = bytes(byte ^ (index == at) for at, byte in enumerate(PRIVATE_ID.reveal()))
        assert opened_otp(encrypted(plain(wrong)), AES_KEY, PRIVATE_ID) is None
    for index in range(6, 16):
        body = bytes(byte ^ (index == at) for at, byte in enumerate(plain()))
        assert opened_otp(encrypted(body), AES_KEY, PRIVATE_ID) is None
    assert opened_otp(encrypted(plain()), SecretBytes(bytes(16)), PRIVATE_ID) is None


def test_the_counters_are_little_endian() -> None:
    assert opened_otp(encrypted(plain(use=0x7FFE, session=0xAB)), AES_KEY, PRIVATE_ID) == Counters(0x7FFE, 0xAB)


def test_counters_are_compared_use_first() -> None:
    assert Counters(1, 255) < Counters(2, 0) < Counters(2, 1)


def test_the_crc_of_a_block_with_its_crc_is_the_residue() -> None:
    assert crc16(plain()) == 0xF0B8


def test_modhex_is_the_letters_that_every_keyboard_has() -> None:
    assert modhex(bytes.fromhex("0123456789abcdef")) == "cbdefghijklnrtuv"
    assert is_modhex("cbdef")
    assert is_modhex("")
    assert not is_modhex("abc")


@given(st.integers(0, 0x7FFF), st.integers(0, 0xFF))
def test_every_press_opens_with_its_counters(use: int, session: int) -> None:
    key = OtpKey()
    otp = typed_otp(Secret(key.typed(use, session)))
    assert otp is not None
    assert otp.public_id == key.public_id
    assert opened_otp(otp, SecretBytes(key.aes_key), SecretBytes(key.private_id)) == Counters(use, session)

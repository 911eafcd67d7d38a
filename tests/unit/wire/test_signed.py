"""A signed statement opens with its signer's key, unchanged, and in no other way."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.signed import LONGEST, Kind, sign, verify

SEED, OTHER_SEED = bytes(range(32)), bytes(range(1, 33))
PAYLOAD = b'{"a":1}'


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


KEY, OTHER_KEY = public(SEED), public(OTHER_SEED)
STATEMENT = sign(PAYLOAD, SEED)
HEAD, BODY, SIGNATURE = STATEMENT.split(".")


def refused(statement: str, keys: tuple[bytes, ...] = (KEY,), kind: Kind = Kind.GRANT) -> Code:
    with pytest.raises(Fault) as wrong:
        verify(statement, keys, kind)
    return wrong.value.code


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_it_is_a_jws_with_eddsa() -> None:
    assert json.loads(base64.urlsafe_b64decode(HEAD + "==")) == {"alg": "EdDSA", "typ": "flexnet-grant+jws"}
    assert base64.urlsafe_b64decode(BODY + "==") == PAYLOAD
    assert len(base64.urlsafe_b64decode(SIGNATURE + "==")) == 64


def test_it_opens_with_any_of_the_keys() -> None:
    assert verify(STATEMENT, (KEY,)) == PAYLOAD
    assert verify(STATEMENT, (OTHER_KEY, KEY)) == PAYLOAD


def test_no_other_key_opens_it() -> None:
    for keys in ((), (OTHER_KEY,), (b"",), (bytes(31),)):
        assert refused(STATEMENT, keys) is Code.GRANT_SIGNATURE


def test_a_changed_part_is_noticed() -> None:
    assert refused(f"{HEAD}.{encoded(PAYLOAD + b' ')}.{SIGNATURE}") is Code.GRANT_SIGNATURE
    for byte in (0, 31, 32, 63):
        signature = bytearray(base64.urlsafe_b64decode(SIGNATURE + "=="))
        signature[byte] ^= 1
        assert refused(f"{HEAD}.{BODY}.{encoded(bytes(signature))}") is Code.GRANT_SIGNATURE


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "none", "typ": "flexnet-grant+jws"},
        {"alg": "HS256", "typ": "flexnet-grant+jws"},
        {"typ": "flexnet-grant+jws", "alg": "EdDSA"},
        {"alg": "EdDSA", "typ": "flexnet-grant+jws", "jwk": {}},
        {"alg": "EdDSA"},
    ],
)
def test_another_header_is_no_signature_even_when_signed(header: dict[str, object]) -> None:
    signing_input = f"{encoded(json.dumps(header, separators=(',', ':')).encode())}.{BODY}"
    signature = Ed25519PrivateKey.from_private_bytes(SEED).sign(signing_input.encode())
    assert refused(f"{signing_input}.{encoded(signature)}") is Code.GRANT_UNSIGNED


def test_a_statement_of_one_kind_is_none_of_the_other() -> None:
    profile = sign(PAYLOAD, SEED, Kind.PROFILE)
    assert verify(profile, (KEY,), Kind.PROFILE) == PAYLOAD
    assert refused(profile) is Code.GRANT_UNSIGNED
    assert refused(STATEMENT, kind=Kind.PROFILE) is Code.GRANT_UNSIGNED


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "..",
        HEAD,
        f"{HEAD}.{BODY}",
        f"{HEAD}.{BODY}.",
        f"{HEAD}.{BODY}.{SIGNATURE}.",
        f"{HEAD}.{BODY}.{SIGNATURE}==",
        f"{HEAD}.{BODY}=.{SIGNATURE}",
        f"{HEAD}.{BODY}.{SIGNATURE}\n",
        f" {HEAD}.{BODY}.{SIGNATURE}",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}+",
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}\ud800",
        f"{HEAD}.{BODY}.ä",
        f"{HEAD}.{BODY}.A",
        # the same 64 bytes, spelt with stray bits
        f"{HEAD}.{BODY}.{SIGNATURE[:-1]}{chr(ord(SIGNATURE[-1]) + 1)}",
    ],
)
def test_what_is_not_spelt_as_we_spell_it_is_no_statement(statement: str) -> None:
    assert refused(statement) is Code.GRANT_UNSIGNED


def test_a_statement_that_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(Fault) as wrong:
        verify("x" * (LONGEST + 1), (KEY,))
    assert wrong.value == Fault(Code.GRANT_TOO_LARGE, limit_bytes=LONGEST)


@given(st.text(max_size=200) | st.lists(st.binary(max_size=80).map(encoded), min_size=3, max_size=3).map(".".join))
def test_no_text_opens_without_the_signature(text: str) -> None:
    assert refused(text) in {Code.GRANT_UNSIGNED, Code.GRANT_SIGNATURE}
    assert refused(f"{HEAD}.{text}") in {Code.GRANT_UNSIGNED, Code.GRANT_SIGNATURE}

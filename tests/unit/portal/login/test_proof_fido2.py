"""Each thing that an assertion says is made wrong, alone: none is good any more."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.secret import Secret
from flexnetd.portal.login.enrolment_fido2 import credential_from_text
from flexnetd.portal.login.proof_fido2 import Expected, asserted_count, nobodys_key, told_proof
from flexnetd.wire.fido2 import Fido2Ask, Fido2Proof, client_data, proof_text
from tests.bed.fido2_key import Fido2Key

ORIGIN = "https://portal.example:8443"
PARTY = "portal.example"
DIGEST = sha256(b"digest").digest()
EXPECTED = Expected(ORIGIN, DIGEST, pin=False)

KEY = Fido2Key()
ENROLLED = credential_from_text(KEY.enrolment(PARTY), PARTY)
ASK = Fido2Ask((ENROLLED.credential,), pin=False)
GOOD = KEY.proof(ASK, PARTY, client_data(ORIGIN, DIGEST))


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(client_data(ORIGIN, DIGEST)) | fields).encode()


def without(field: str) -> bytes:
    told = json.loads(client_data(ORIGIN, DIGEST))
    del told[field]
    return json.dumps(told).encode()


def over(data: bytes) -> Fido2Proof:
    """Signed all right, but about something else."""
    return KEY.proof(ASK, PARTY, data)


def flags(proof: Fido2Proof, value: int) -> Fido2Proof:
    told = proof.authenticator_data
    return replace(proof, authenticator_data=told[:32] + bytes([value]) + told[33:])


def test_a_good_assertion_tells_its_counter() -> None:
    assert asserted_count(GOOD, ENROLLED.public_key, EXPECTED) == struct.unpack(">L", GOOD.authenticator_data[33:37])[0]


WRONG: dict[str, Callable[[], Fido2Proof]] = {
    "challenge": lambda: over(client_data(ORIGIN, sha256(b"another").digest())),
    "origin": lambda: over(client_data("https://phisher.example", DIGEST)),
    "port of the origin": lambda: over(client_data("https://portal.example", DIGEST)),
    "scheme of the origin": lambda: over(changed(origin=ORIGIN.replace("https", "http"))),
    "type": lambda: over(changed(type="webauthn.create")),
    "frame": lambda: over(changed(crossOrigin=True)),
    "no challenge": lambda: over(without("challenge")),
    "no origin": lambda: over(without("origin")),
    "no type": lambda: over(without("type")),
    "no JSON": lambda: over(b"{"),
    "deep JSON": lambda: over(b"[" * 2000),
    "client data after signing": lambda: replace(GOOD, client_data=GOOD.client_data + b" "),
    "signature": lambda: replace(GOOD, signature=GOOD.signature[:-1] + bytes([GOOD.signature[-1] ^ 1])),
    "no signature": lambda: replace(GOOD, signature=b"\0"),
    "credential": lambda: replace(GOOD, credential=b"another"),
    "party": lambda: replace(GOOD, authenticator_data=sha256(b"evil").digest() + GOOD.authenticator_data[32:]),
    "nobody present": lambda: flags(GOOD, 0),
    "said to be verified": lambda: flags(GOOD, 5),
    "counter": lambda: replace(GOOD, authenticator_data=GOOD.authenticator_data[:-1] + b"\xff"),
    "too short": lambda: replace(GOOD, authenticator_data=GOOD.authenticator_data[:-1]),
    "too long": lambda: replace(GOOD, authenticator_data=GOOD.authenticator_data + b"\0"),
}
PUBLIC_KEYS = [nobodys_key(), b"", b"\xa0", b"\xf6", ENROLLED.public_key[:-1]]


@pytest.mark.parametrize("wrong", [name for name in WRONG if name != "credential"])
def test_whatever_is_wrong_makes_it_no_proof(wrong: str) -> None:
    assert asserted_count(WRONG[wrong](), ENROLLED.public_key, EXPECTED) is None


@pytest.mark.parametrize("public_key", PUBLIC_KEYS, ids=range(len(PUBLIC_KEYS)))  # they are new in each process
def test_another_public_key_makes_it_no_proof(public_key: bytes) -> None:
    assert asserted_count(GOOD, public_key, EXPECTED) is None


def test_an_assertion_by_a_key_of_another_portal_is_no_proof() -> None:
    other = Fido2Key()
    enrolled = credential_from_text(other.enrolment("evil.example"), "evil.example")
    proof = other.proof(Fido2Ask((enrolled.credential,), pin=False), "evil.example", client_data(ORIGIN, DIGEST))
    assert asserted_count(proof, enrolled.public_key, EXPECTED) is None


def test_where_the_pin_is_asked_for_a_touch_alone_is_no_proof() -> None:
    strict = replace(EXPECTED, pin=True)
    assert asserted_count(GOOD, ENROLLED.public_key, strict) is None
    key = Fido2Key()
    enrolled = credential_from_text(key.enrolment(PARTY), PARTY)
    ask = Fido2Ask((enrolled.credential,), pin=True)
    verified = key.proof(ask, PARTY, client_data(ORIGIN, DIGEST), verified=True)
    assert asserted_count(verified, enrolled.public_key, strict) is not None


@given(st.binary(max_size=200), st.binary(min_size=37, max_size=200), st.binary(max_size=100))
def test_hostile_bytes_are_no_proof_and_nothing_else(data: bytes, told: bytes, public_key: bytes) -> None:
    proof = Fido2Proof(ENROLLED.credential, told, data, b"\x30\0")
    assert asserted_count(proof, ENROLLED.public_key, EXPECTED) is None
    assert asserted_count(GOOD, public_key, EXPECTED) is None


def test_a_proof_travels_as_text() -> None:
    assert told_proof(proof_text(GOOD)) == GOOD


@pytest.mark.parametrize("text", ["", "{}", "cccc", '{"credential":"AA=="}', "[" * 4000])
def test_another_text_is_none(text: str) -> None:
    assert told_proof(Secret(text)) is None

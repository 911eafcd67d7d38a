"""Challenge-response proofs, with vectors whose digests end in 00, 0000 and ff."""

from __future__ import annotations

import base64

import pytest

from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.portal.login.proof_hmac import response_matches

SECRET = SecretBytes(bytes(range(20)))

# Made with `openssl dgst -sha1 -mac HMAC -macopt hexkey:000102...13`.
VECTORS = [
    (bytes(range(32)), "533bd067d1bbf825ed021f8f278adbb571c51627"),
    (bytes(range(31)) + b"\x00", "594c28a5d54e959f2e092029b4a6b4997432b035"),
    (bytes(range(30)) + b"\x00\x00", "660eb6413f654da742296700ff39dfc7d68d5195"),
    (bytes(range(31)) + b"\xff", "dc64ebbae14a6a5efcdde3ca2a7bfd71bc1640e9"),
]


def proof(data: bytes) -> Secret:
    return Secret(base64.b64encode(data).decode())


@pytest.mark.parametrize(("digest", "response"), VECTORS)
def test_the_keys_answer_matches(digest: bytes, response: str) -> None:
    assert response_matches(SECRET, digest, proof(bytes.fromhex(response)))


@pytest.mark.parametrize(("digest", "response"), VECTORS)
def test_another_secret_another_digest_and_any_flipped_bit_do_not(digest: bytes, response: str) -> None:
    right = bytes.fromhex(response)
    assert not response_matches(SecretBytes(bytes(20)), digest, proof(right))
    assert not response_matches(SECRET, digest[:-1] + bytes([digest[-1] ^ 1]), proof(right))
    for index in range(len(right)):
        wrong = bytes(byte ^ (index == at) for at, byte in enumerate(right))
        assert not response_matches(SECRET, digest, proof(wrong))


@pytest.mark.parametrize("text", ["", "?", "AAAA", "ä", "=", "A" * 28])
def test_what_is_no_response_never_matches(text: str) -> None:
    assert not response_matches(SECRET, bytes(32), Secret(text))


def test_a_response_cut_short_or_made_longer_never_matches() -> None:
    digest, response = VECTORS[0]
    right = bytes.fromhex(response)
    assert not response_matches(SECRET, digest, proof(right[:-1]))
    assert not response_matches(SECRET, digest, proof(right + b"\x00"))

"""What the key signs, and how its answer travels."""

from __future__ import annotations

import json

import pytest

from flexnetd.model.secret import Secret
from flexnetd.wire.fido2 import Fido2Proof, client_data, proof_from_text, proof_text, relying_party
from flexnetd.wire.json_codec import Malformed

PROOF = Fido2Proof(b"credential", bytes(37), b"{}", b"signature")


@pytest.mark.parametrize(
    ("origin", "party"),
    [
        ("https://portal.example", "portal.example"),
        ("https://portal.example:8443", "portal.example"),
        ("https://[2001:db8::1]:8443", "2001:db8::1"),
    ],
)
def test_the_relying_party_is_the_host(origin: str, party: str) -> None:
    assert relying_party(origin) == party


def test_client_data_is_what_a_browser_would_make() -> None:
    """WebAuthn 2, 5.8.1.1: these four, in this order, without white space; the challenge unpadded."""
    told = client_data("https://portal.example:8443", b"\xff" * 32)
    assert told == (
        b'{"type":"webauthn.get","challenge":"' + b"_" * 42 + b'8","origin":"https://portal.example:8443",'
        b'"crossOrigin":false}'
    )
    assert json.loads(told)["crossOrigin"] is False


def test_a_proof_arrives_as_it_was_sent() -> None:
    assert proof_from_text(proof_text(PROOF)) == PROOF


@pytest.mark.parametrize("text", ["", "[]", '{"credential": ""}', proof_text(PROOF).reveal().replace("}", ',"x":1}')])
def test_another_text_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        proof_from_text(Secret(text))

"""The proof of `fido2`: an assertion whose challenge is the login digest. Pure, but for the library's own.

python-fido2's server judges it: type, origin, challenge, relying party, the person's presence and (where it is asked
for) verification, and the signature by the credential's key. Whether the key's counter has grown is for the database to
say: a counter that did not means that there are two of this key.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256, CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from flexnetd.model.secret import Secret
from flexnetd.wire.fido2 import Fido2Proof, proof_from_text, relying_party
from flexnetd.wire.json_codec import Malformed

_HOSTILE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    NotImplementedError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)
"""What the library raises for an assertion that is not good, or is none at all."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an assertion must be about. `pin`: the person must have been verified, not only present."""

    origin: str
    digest: bytes
    pin: bool


def told_proof(text: Secret) -> Fido2Proof | None:
    """None when it cannot be a proof."""
    try:
        return proof_from_text(text)
    except Malformed:
        return None


def asserted_count(proof: Fido2Proof, public_key: bytes, expected: Expected) -> int | None:
    """The counter of a good assertion by the credential whose key, as COSE, is `public_key`; else None."""
    try:
        key = CoseKey.parse(_mapping(public_key))
        credential = AttestedCredentialData.create(Aaguid(bytes(16)), proof.credential, key)
        told = AuthenticatorData(proof.authenticator_data)
        seen = CollectedClientData(proof.client_data)
        if seen.cross_origin:
            return None
        response = AuthenticationResponse(
            raw_id=proof.credential,
            response=AuthenticatorAssertionResponse(
                client_data=seen, authenticator_data=told, signature=proof.signature
            ),
        )
        _server(expected.origin).authenticate_complete(_state(expected), [credential], response)
    except _HOSTILE:
        return None
    return int(told.counter)


@cache
def nobodys_key() -> bytes:
    """A public key whose private key nobody has, for who has none: judging takes as long."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    return cbor.encode({1: 2, 3: ES256.ALGORITHM, -1: 1, -2: x, -3: y})


def _state(expected: Expected) -> dict[str, object]:
    asked = UserVerificationRequirement.REQUIRED if expected.pin else UserVerificationRequirement.DISCOURAGED
    return {"challenge": websafe_encode(expected.digest), "user_verification": asked}


@cache
def _server(origin: str) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(name="FlexNet", id=relying_party(origin))
    return Fido2Server(party, verify_origin=lambda told: told == origin)


def _mapping(public_key: bytes) -> Mapping[int, object]:
    decoded = cbor.decode(public_key)
    if not isinstance(decoded, Mapping):
        raise TypeError("no key")
    return decoded

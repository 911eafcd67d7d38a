"""FIDO2 between portal, worker and key: what is asked of the key, what is signed, and the proof.

- The relying party is the host of the portal's origin, which the workstation takes from its own profile, never from
  the portal: a key that is enrolled for one portal signs for no other.
- The challenge is the login digest (digest.py), so the signature covers origin, WireGuard key, user and purpose. Client
  data is the JSON that a browser would make of it (WebAuthn 2, 5.8.1), so that any verifier of WebAuthn can judge it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Annotated

from flexnetd.model.network import host_port_from_origin
from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import Bound, decode, encode

LONGEST_PROOF = 8192
MOST_CREDENTIALS = 8
LONGEST_CREDENTIAL = 1023

CredentialId = Annotated[bytes, Bound(1, LONGEST_CREDENTIAL)]


@dataclass(frozen=True, slots=True)
class Fido2Ask:
    """What a login asks of the key: one of these credentials; `pin` when the person's PIN must be verified, too."""

    credentials: Annotated[tuple[CredentialId, ...], Bound(1, MOST_CREDENTIALS)]
    pin: bool


@dataclass(frozen=True, slots=True)
class Fido2Proof:
    credential: CredentialId
    authenticator_data: Annotated[bytes, Bound(37, 2048)]
    client_data: Annotated[bytes, Bound(1, 2048)]
    signature: Annotated[bytes, Bound(1, 1024)]


def relying_party(origin: str) -> str:
    """Raises ValueError for what is no origin."""
    return host_port_from_origin(origin).host


def client_data(origin: str, digest: bytes) -> bytes:
    """What the key signs the hash of."""
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    told = {"type": "webauthn.get", "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def proof_text(proof: Fido2Proof) -> Secret:
    """As it travels in `LoginFinish.proof`."""
    return Secret(encode(proof).decode())


def proof_from_text(text: Secret) -> Fido2Proof:
    """Raises Malformed."""
    return decode(Fido2Proof, text.reveal().encode(), LONGEST_PROOF)

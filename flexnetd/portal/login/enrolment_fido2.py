"""A FIDO2 credential as an operator enrols it: the lines that libfido2's `fido2-cred -M` writes. Pure, but for the
library's own.

    client data hash, relying party, attestation format, authenticator data (CBOR), credential id, attestation
    signature, and where the maker attests it the certificate; in base64, but for the second and third.

All of it is verified: that the key made it for this portal, was touched, and signed it. Who made the key is not: there
is no list of makers here, so a certificate counts for the signature alone.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from fido2 import cbor
from fido2.attestation.base import Attestation, InvalidData, InvalidSignature
from fido2.webauthn import AuthenticatorData

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

_FEWEST_LINES, _MOST_LINES = 6, 7


@dataclass(frozen=True, slots=True)
class NewCredential:
    """`public_key` as COSE; `signatures` what the key has counted so far."""

    credential: bytes
    public_key: bytes
    signatures: int


def credential_from_text(text: str, party: str) -> NewCredential:
    """`party` is this portal's host. Raises Fault INPUT_INVALID."""
    lines = text.strip().splitlines()
    if not _FEWEST_LINES <= len(lines) <= _MOST_LINES:
        raise _wrong("must be the lines that fido2-cred -M writes")
    try:
        data = AuthenticatorData(_bytes(cbor.decode(base64.b64decode(lines[3], validate=True))))
        client_hash, number, signature, *certificates = (
            base64.b64decode(line, validate=True) for line in (lines[0], *lines[4:])
        )
        _verify(lines[2].strip(), data, client_hash, signature, certificates)
    except (InvalidSignature, InvalidData):
        raise _wrong("has a wrong signature") from None
    except (binascii.Error, ValueError, TypeError, LookupError, struct.error, UnsupportedAlgorithm):
        raise _wrong("must be the lines that fido2-cred -M writes") from None
    made = data.credential_data
    if made is None or made.credential_id != number:
        raise _wrong("names two credentials")
    if lines[1].strip() != party or not _is_for(data, party):
        raise _wrong(f"was made for another portal than {party}")
    if not data.is_user_present():
        raise _wrong("was made without a touch")
    return NewCredential(number, cbor.encode(dict(made.public_key)), data.counter)


def _verify(
    form: str, data: AuthenticatorData, client_hash: bytes, signature: bytes, certificates: list[bytes]
) -> None:
    """A credential without a signature proves nothing, so the form "none" is no form here."""
    if form not in {"packed", "fido-u2f"} or data.credential_data is None:
        raise ValueError(form)
    statement: dict[str, object] = {"alg": data.credential_data.public_key[3], "sig": signature}
    if certificates:
        statement["x5c"] = certificates
    Attestation.for_type(form)().verify(statement, data, client_hash)


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("not bytes")
    return value


def _is_for(data: AuthenticatorData, party: str) -> bool:
    return bool(data.rp_id_hash == sha256(party.encode()).digest())


def _wrong(problem: str) -> Fault:
    return Fault(Code.INPUT_INVALID, field="credential", problem=problem)

"""A signed statement: JWS compact serialisation (RFC 7515) with EdDSA over Ed25519 (RFC 8037), no more.

`verify` looks at nothing of the payload before the signature has been checked with a key that the caller brings: the
header must be exactly the one that `sign` writes, so neither "none" nor a key of the sender's choice can be asked for.
The header also says what kind of statement it is, so one kind never passes for another that the same key signed.
A statement has one spelling: base64url without padding and without stray bits.
"""

from __future__ import annotations

import base64
from enum import Enum

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

LONGEST = 512 * 1024


class Kind(Enum):
    """What a statement is about; the `typ` of its header."""

    GRANT = "flexnet-grant+jws"
    PROFILE = "flexnet-profile+jws"

    @property
    def header(self) -> str:
        return _base64url(f'{{"alg":"EdDSA","typ":"{self.value}"}}'.encode())


def sign(payload: bytes, private_key: bytes, kind: Kind = Kind.GRANT) -> str:
    """The statement "header.payload.signature". `private_key` is the 32-byte Ed25519 seed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - heavy

    signing_input = kind.header + "." + _base64url(payload)
    signature = Ed25519PrivateKey.from_private_bytes(private_key).sign(signing_input.encode())
    return signing_input + "." + _base64url(signature)


def verify(statement: str, public_keys: tuple[bytes, ...], kind: Kind = Kind.GRANT) -> bytes:
    """The payload, when one of `public_keys` (32 bytes each) signed the statement and it is of this kind.

    Raises Fault: GRANT_TOO_LARGE, GRANT_UNSIGNED (no signature, or another algorithm), GRANT_SIGNATURE.
    """
    if len(statement) > LONGEST:
        raise Fault(Code.GRANT_TOO_LARGE, limit_bytes=LONGEST)
    parts = statement.split(".")
    if len(parts) != 3 or parts[0] != kind.header or not parts[2]:
        raise Fault(Code.GRANT_UNSIGNED)
    try:
        payload, signature = _from_base64url(parts[1]), _from_base64url(parts[2])
    except ValueError:
        raise Fault(Code.GRANT_UNSIGNED) from None
    signed = f"{parts[0]}.{parts[1]}".encode()
    if not any(_verifies(key, signature, signed) for key in public_keys):
        raise Fault(Code.GRANT_SIGNATURE)
    return payload


def _verifies(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    # Loaded at the first grant: a daemon with nothing to do does not pay for it.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    data = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _base64url(data) != text:
        raise ValueError("not the one spelling")
    return data

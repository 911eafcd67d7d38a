"""The proof of `yubikey-hmac`: HMAC-SHA1 of the login digest, by the secret in the key's slot. Pure.

The slot is enrolled with HMAC_LT64 (variable input), so the key computes over exactly the 32 bytes of the digest.
The proof covers origin, user, factor, purpose, nonce and WireGuard key, because the digest does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from flexnetd.model.secret import Secret, SecretBytes

RESPONSE_BYTES = 20
SECRET_BYTES = 20


def response_matches(secret: SecretBytes, digest: bytes, proof: Secret) -> bool:
    """True when `proof` is base64 of the key's answer to `digest`."""
    expected = hmac.new(secret.reveal(), digest, hashlib.sha1).digest()
    return hmac.compare_digest(expected, _response(proof))


def _response(proof: Secret) -> bytes:
    """The 20 bytes; of anything else a value that no HMAC equals, since it is longer or shorter."""
    try:
        return base64.b64decode(proof.reveal().encode(), validate=True)
    except (binascii.Error, ValueError):
        return b""

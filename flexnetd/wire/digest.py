"""The digest that a bound proof covers.

SHA-256 over fields, each preceded by its length as 4 bytes, big-endian:
"flexnet-login-v1", purpose, portal origin, user name, factor, nonce, WireGuard public key.
So a proof for one purpose, origin, user, factor or key fails for every other: a relay cannot swap anything.

Daemon, worker and portal each make it by themselves, so the user name is brought to NFC here, once for all of them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from enum import Enum

from flexnetd.model.factor import Factor

NONCE_BYTES = 32


class Purpose(Enum):
    LOGIN = "login"
    RENEW = "renew"


def login_digest(
    purpose: Purpose, origin: str, username: str, factor: Factor, nonce: bytes, public_key: bytes
) -> bytes:
    """32 bytes. `username` as the person typed it; `public_key` 32 bytes; `nonce` as the portal sent it."""
    fields = (
        b"flexnet-login-v1",
        purpose.value.encode(),
        origin.encode(),
        unicodedata.normalize("NFC", username).encode(),
        factor.value.encode(),
        nonce,
        public_key,
    )
    digest = hashlib.sha256()
    for field in fields:
        digest.update(len(field).to_bytes(4, "big"))
        digest.update(field)
    return digest.digest()

"""The portal's own keys, and what is made from them.

- The key-encryption key (32 bytes, its own file, mode 0400) never touches the database. By HKDF it gives three keys:
  one seals secrets at rest, one seals logins, one makes the names of rate limits. Several portals share the file.
- A secret at rest is AES-256-GCM by row, with the row's identity as associated data: a row's ciphertext copied into
  another row does not open.
- The grant key (an Ed25519 seed) signs grants and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import SecretBytes

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"


class SealBroken(ValueError):  # noqa: N818 - read as "the seal is broken"
    """The sealed value was not made with this key for this identity."""


class Sealer:
    """AES-256-GCM. A sealed value is a format byte, the nonce, and the ciphertext with its tag."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, identity: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, identity.encode())

    def open(self, sealed: bytes, identity: str) -> bytes:
        """Raises SealBroken."""
        start = len(_FORMAT) + _NONCE_BYTES
        if sealed[:1] != _FORMAT or len(sealed) < start:
            raise SealBroken
        try:
            return self._cipher.decrypt(sealed[1:start], sealed[start:], identity.encode())
        except InvalidTag:
            raise SealBroken from None


@dataclass(frozen=True, slots=True)
class Keys:
    """`at_rest` seals rows, `logins` seals logins."""

    at_rest: Sealer
    logins: Sealer
    grant_key: SecretBytes
    _names: SecretBytes

    def hidden_name(self, *parts: str) -> str:
        """A stable name that tells nothing about its parts (user names, addresses) to whoever reads the database."""
        message = "\0".join(parts).encode()
        return hmac.new(self._names.reveal(), message, hashlib.sha256).hexdigest()[:32]

    def made_up(self, length: int, *parts: str) -> bytes:
        """As many bytes, always the same for these parts, that look random to everybody else."""
        info = "\0".join(parts).encode()
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(self._names.reveal())

    @property
    def grant_public_key(self) -> bytes:
        """32 bytes: what a profile names."""
        return Ed25519PrivateKey.from_private_bytes(self.grant_key.reveal()).public_key().public_bytes_raw()


def keys_from(key_encryption_key: bytes, grant_key: bytes) -> Keys:
    return Keys(
        at_rest=Sealer(_derived(key_encryption_key, b"flexnet at rest")),
        logins=Sealer(_derived(key_encryption_key, b"flexnet logins")),
        grant_key=SecretBytes(grant_key),
        _names=SecretBytes(_derived(key_encryption_key, b"flexnet names")),
    )


def read_keys(key_encryption_key: Path, grant_key: Path) -> Keys:
    """Raises Fault CONFIG_FILE_UNREADABLE: absent, not 32 bytes, or readable by others than its owner."""
    return keys_from(_key_from_file(key_encryption_key), _key_from_file(grant_key))


def write_new_key(file: Path) -> None:
    """32 random bytes in a new file of mode 0400. Raises FileExistsError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secrets.token_bytes(KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())


def _key_from_file(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            mode = os.fstat(source.fileno()).st_mode
            key = source.read(KEY_BYTES + 1)
    except OSError as wrong:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=wrong.strerror or "") from None
    if mode & 0o077:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason="readable by others than its owner")
    if len(key) != KEY_BYTES:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason="not a key of 32 bytes")
    return key


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)

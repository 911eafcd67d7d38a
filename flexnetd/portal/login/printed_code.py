"""Codes that people get on paper or by telephone: activation codes and emergency codes. Pure but for chance.

80 bits in four groups that can be read out; only the hash is kept. Case, hyphens and blanks do not count.
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from flexnetd.model.secret import Secret

HASH_BYTES = 32
_RANDOM_BYTES = 10
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_LENGTH = 16


def new_printed_code() -> Secret:
    letters = base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode()
    return Secret("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))


def printed_code_hash(code: Secret) -> bytes:
    """32 bytes; of anything that is no such code too."""
    return hashlib.sha256(_bare(code).encode()).digest()


def is_printed_code(code: Secret) -> bool:
    bare = _bare(code)
    return len(bare) == _LENGTH and set(bare) <= _LETTERS


def _bare(code: Secret) -> str:
    return "".join(letter for letter in code.reveal().upper() if letter.isalnum())

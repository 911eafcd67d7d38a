"""The proof of `yubico-otp`: 32 to 48 modhex letters that the key types. Pure; burning it is the storage's part.

The last 32 letters are one AES-128 block, the 0 to 16 before them the public id. The block's fields, little-endian:
private id 6, use counter 2, clock 3, session counter 1, random 2, CRC 2; the CRC-16 (reflected 0x8408, start 0xffff)
over all 16 leaves the residue 0xf0b8. An OTP is authentic when residue and private id are right; whether it is fresh
is for the counters to say, in the database. It is not bound to the sign-in, so it can be relayed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from flexnetd.model.secret import Secret, SecretBytes

PRIVATE_ID_BYTES = 6
AES_KEY_BYTES = 16
LONGEST_PUBLIC_ID = 16
_BLOCK_LETTERS = 32
_RESIDUE = 0xF0B8
_MODHEX = "cbdefghijklnrtuv"
_HEX_OF = {letter: format(value, "x") for value, letter in enumerate(_MODHEX)}


@dataclass(frozen=True, slots=True)
class TypedOtp:
    """An OTP as typed: `public_id` in lower-case modhex, `block` 16 encrypted bytes."""

    public_id: str
    block: bytes


@dataclass(frozen=True, slots=True, order=True)
class Counters:
    """Compared in this order: every OTP of a key has greater counters than the one before."""

    use: int
    session: int


def typed_otp(proof: Secret) -> TypedOtp | None:
    """None when it cannot be an OTP. White space around it and upper case (Caps Lock) are forgiven."""
    text = proof.reveal().strip().lower()
    if not _BLOCK_LETTERS <= len(text) <= _BLOCK_LETTERS + LONGEST_PUBLIC_ID:
        return None
    if not is_modhex(text):
        return None
    public_id, block = text[:-_BLOCK_LETTERS], text[-_BLOCK_LETTERS:]
    return TypedOtp(public_id, bytes.fromhex("".join(_HEX_OF[letter] for letter in block)))


def opened_otp(otp: TypedOtp, aes_key: SecretBytes, private_id: SecretBytes) -> Counters | None:
    """The counters of an authentic OTP, else None. Both checks are always made."""
    # One block of ECB is what the key computes; there is no mode to choose.
    decryptor = Cipher(algorithms.AES(aes_key.reveal()), modes.ECB()).decryptor()  # noqa: S305
    plain = decryptor.update(otp.block) + decryptor.finalize()
    private_id_right = hmac.compare_digest(plain[:PRIVATE_ID_BYTES], private_id.reveal())
    residue_right = crc16(plain) == _RESIDUE
    if private_id_right & residue_right:
        return Counters(use=int.from_bytes(plain[6:8], "little"), session=plain[11])
    return None


def crc16(data: bytes) -> int:
    """The key's CRC: reflected polynomial 0x8408, start 0xffff."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x8408 if crc & 1 else 0)
    return crc


def is_modhex(text: str) -> bool:
    return set(text) <= set(_MODHEX)


def modhex(data: bytes) -> str:
    """`data` in the letters that a key types."""
    return "".join(_MODHEX[int(digit, 16)] for digit in data.hex())

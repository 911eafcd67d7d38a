"""How a PIN is set, given and counted: CTAP 2.1's clientPIN with both of its protocols.

The host and the key agree on a secret by ECDH; under it travel the new PIN, the PIN's hash, and back the token with
which the host then authorises one question. A wrong PIN costs one of eight tries and a new key agreement; after three
in a row the key must be pulled out first (power cycle), after eight it is blocked for good.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TRIES = 8
TRIES_AT_ONCE = 3
SHORTEST = 4
LONGEST_BYTES = 63
_TOKEN_BYTES = 32


class Status(IntEnum):
    """What a message may end with."""

    OK = 0x00
    INVALID_COMMAND = 0x01
    INVALID_PARAMETER = 0x02
    INVALID_CBOR = 0x12
    MISSING_PARAMETER = 0x14
    CREDENTIAL_EXCLUDED = 0x19
    UNSUPPORTED_ALGORITHM = 0x26
    UNSUPPORTED_OPTION = 0x2B
    KEEPALIVE_CANCEL = 0x2D
    NO_CREDENTIALS = 0x2E
    USER_ACTION_TIMEOUT = 0x2F
    NOT_ALLOWED = 0x30
    PIN_INVALID = 0x31
    PIN_BLOCKED = 0x32
    PIN_AUTH_INVALID = 0x33
    PIN_AUTH_BLOCKED = 0x34
    PIN_NOT_SET = 0x35
    PIN_REQUIRED = 0x36
    PIN_POLICY_VIOLATION = 0x37
    INVALID_SUBCOMMAND = 0x3E


class Refused(Exception):  # noqa: N818 - what happened
    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status = status


class May(IntFlag):
    """What a token permits."""

    MAKE = 0x01
    ASSERT = 0x02


class _Sub(IntEnum):
    RETRIES = 1
    KEY_AGREEMENT = 2
    SET = 3
    CHANGE = 4
    TOKEN = 5
    TOKEN_WITH_PERMISSIONS = 9


@dataclass(frozen=True, slots=True)
class Protocol:
    """One of the two; `number` is 1 or 2."""

    number: int

    def secret(self, agreed: bytes) -> bytes:
        if self.number == 1:
            return hashlib.sha256(agreed).digest()
        return b"".join(
            HKDF(SHA256(), 32, bytes(32), info).derive(agreed) for info in (b"CTAP2 HMAC key", b"CTAP2 AES key")
        )

    def encrypt(self, secret: bytes, plain: bytes) -> bytes:
        vector = bytes(16) if self.number == 1 else os.urandom(16)
        cipher = Cipher(algorithms.AES(secret[-32:]), modes.CBC(vector)).encryptor()
        sealed = cipher.update(plain) + cipher.finalize()
        return sealed if self.number == 1 else vector + sealed

    def decrypt(self, secret: bytes, sealed: bytes) -> bytes:
        vector, body = (bytes(16), sealed) if self.number == 1 else (sealed[:16], sealed[16:])
        if len(vector) != 16 or not body or len(body) % 16:
            raise Refused(Status.INVALID_PARAMETER)
        cipher = Cipher(algorithms.AES(secret[-32:]), modes.CBC(vector)).decryptor()
        return cipher.update(body) + cipher.finalize()

    def proves(self, secret: bytes, message: bytes, proof: bytes) -> bool:
        whole = hmac.new(secret[:32], message, hashlib.sha256).digest()
        return hmac.compare_digest(whole[:16] if self.number == 1 else whole, proof)


def protocol(number: object) -> Protocol:
    if number not in {1, 2}:
        raise Refused(Status.INVALID_PARAMETER)
    return Protocol(int(str(number)))


def cose_key(key: ec.EllipticCurvePublicKey, algorithm: int) -> dict[int, Any]:
    numbers = key.public_numbers()
    return {1: 2, 3: algorithm, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


class Pin:
    """Kept without power: the PIN's hash and the tries left. Volatile: tokens, key agreement, wrong tries in a row."""

    def __init__(self) -> None:
        self._hash: bytes | None = None
        self.tries = TRIES
        self.power_up()

    @property
    def is_set(self) -> bool:
        return self._hash is not None

    def power_up(self) -> None:
        self._wrong_in_a_row = 0
        self._renew()
        self._token, self._may, self._rp_id = os.urandom(_TOKEN_BYTES), May(0), ""

    def set(self, pin: str) -> None:
        if len(pin) < SHORTEST or len(pin.encode()) > LONGEST_BYTES:
            raise Refused(Status.PIN_POLICY_VIOLATION)
        self._hash, self.tries = hashlib.sha256(pin.encode()).digest()[:16], TRIES

    def given(self, arguments: Any, client_hash: bytes, may: May, rp_id: str, at: int) -> bool:
        """Whether the question at hand came with a PIN's token; `at` is where its proof stands, its protocol after it.

        Raises Refused for a token that does not fit.
        """
        proof = arguments.get(at)
        if proof is None:
            return False
        fits = self._may & may and self._rp_id in {"", rp_id}
        if not fits or not protocol(arguments.get(at + 1)).proves(self._token, client_hash, proof):
            raise Refused(Status.PIN_AUTH_INVALID)
        self._rp_id = rp_id
        return True

    def carry_out(self, arguments: Any) -> dict[int, Any]:
        """authenticatorClientPIN."""
        sub = arguments[2]
        if sub == _Sub.RETRIES:
            return {3: self.tries, 4: self._wrong_in_a_row >= TRIES_AT_ONCE}
        if sub == _Sub.KEY_AGREEMENT:
            return {1: cose_key(self._agreement.public_key(), -25)}
        if sub in {_Sub.SET, _Sub.CHANGE}:
            return self._change(arguments, new=sub == _Sub.SET)
        if sub == _Sub.TOKEN:
            return self._give_token(arguments, May.MAKE | May.ASSERT)
        if sub == _Sub.TOKEN_WITH_PERMISSIONS:
            return self._give_token(arguments, May(arguments[9] & 3))
        raise Refused(Status.INVALID_SUBCOMMAND)

    def _change(self, arguments: Any, *, new: bool) -> dict[int, Any]:
        if new is self.is_set:
            raise Refused(Status.NOT_ALLOWED if new else Status.PIN_NOT_SET)
        by, secret = self._agreed(arguments)
        if not by.proves(secret, arguments[5] + arguments.get(6, b""), arguments[4]):
            raise Refused(Status.PIN_AUTH_INVALID)
        if not new:
            self._check(by.decrypt(secret, arguments[6]))
        self.set(by.decrypt(secret, arguments[5]).rstrip(b"\0").decode())
        return {}

    def _give_token(self, arguments: Any, may: May) -> dict[int, Any]:
        by, secret = self._agreed(arguments)
        self._check(by.decrypt(secret, arguments[6]))
        self._token, self._may, self._rp_id = os.urandom(_TOKEN_BYTES), may, arguments.get(10, "")
        return {2: by.encrypt(secret, self._token)}

    def _agreed(self, arguments: Any) -> tuple[Protocol, bytes]:
        by, theirs = protocol(arguments.get(1)), arguments[3]
        x, y = (int.from_bytes(theirs[at], "big") for at in (-2, -3))
        peer = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        return by, by.secret(self._agreement.exchange(ec.ECDH(), peer))

    def _check(self, told: bytes) -> None:
        if self._hash is None:
            raise Refused(Status.PIN_NOT_SET)
        if self.tries == 0:
            raise Refused(Status.PIN_BLOCKED)
        if self._wrong_in_a_row >= TRIES_AT_ONCE:
            raise Refused(Status.PIN_AUTH_BLOCKED)
        self.tries -= 1  # before it is compared, so that a pull in between costs a try, too
        if not hmac.compare_digest(told, self._hash):
            self._wrong_in_a_row += 1
            self._renew()
            if self.tries == 0:
                raise Refused(Status.PIN_BLOCKED)
            raise Refused(Status.PIN_AUTH_BLOCKED if self._wrong_in_a_row >= TRIES_AT_ONCE else Status.PIN_INVALID)
        self.tries, self._wrong_in_a_row = TRIES, 0

    def _renew(self) -> None:
        self._agreement = ec.generate_private_key(ec.SECP256R1())

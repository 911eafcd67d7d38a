"""One authenticator: its credentials, its PIN, and the finger that a question waits for.

The rules:
- `ask` takes a message and answers it, or gives None while it waits for a finger; `answer` then gives the answer when
  there is one: after a touch, after `touch_seconds` (USER_ACTION_TIMEOUT), or after `cancel` (KEEPALIVE_CANCEL).
- A malformed message is answered, never met with silence: a host would wait for ever.
- A credential is ES256, with self attestation ("packed"), and belongs to one relying party. Only one that was asked to
  be resident is found without its id.
- With a PIN set, nothing is made without it; assertions need it only if the host asks, or with `always_verify`.
- Time is asked from `clock` at each call. Not thread-safe.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.bed.yubikey.fido import cbor
from tests.bed.yubikey.fido.pin import SHORTEST, May, Pin, Refused, Status, cose_key

AAGUID = bytes.fromhex("666c65786e65742d7465737400000001")
LARGEST_MESSAGE = 1200
_ES256 = -7
_ID_BYTES = 64


class Command(IntEnum):
    MAKE = 0x01
    ASSERT = 0x02
    INFO = 0x04
    PIN = 0x06
    RESET = 0x07
    SELECTION = 0x0B


class Flag(IntFlag):
    PRESENT = 0x01
    VERIFIED = 0x04
    ATTESTED = 0x40


@dataclass(frozen=True, slots=True)
class FidoOptions:
    """`auto_touch_s`: a finger comes that long after a wait began; None: nobody comes."""

    firmware: tuple[int, int, int] = (5, 4, 3)
    touch_seconds: float = 30
    auto_touch_s: float | None = None
    always_verify: bool = False


@dataclass(slots=True)
class Credential:
    rp_id: str
    user: Any
    key: ec.EllipticCurvePrivateKey
    resident: bool


@dataclass(slots=True)
class FidoTally:
    """What happened, for tests to look at."""

    commands: list[int] = field(default_factory=list)
    touches: int = 0
    cancels: int = 0


@dataclass(slots=True)
class _Wait:
    since_s: float
    then: Callable[[], bytes]


class Authenticator:
    def __init__(
        self,
        options: FidoOptions = FidoOptions(),  # noqa: B008
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.options, self._clock = options, clock
        self.credentials: dict[bytes, Credential] = {}
        self.counter = 0
        self.pin = Pin()
        self.tally = FidoTally()
        self.power_up()

    def power_up(self) -> None:
        """What plugging in does."""
        self._wait: _Wait | None = None
        self._answer: bytes | None = None
        self.pin.power_up()

    # -- messages ------------------------------------------------------------------------------------------------------

    def ask(self, message: bytes) -> bytes | None:
        """The answer; None while it waits for a finger."""
        self._wait = self._answer = None
        self.tally.commands.append(message[0] if message else 0)
        try:
            arguments = cbor.decode(message[1:]) if message[1:] else {}
            return self._carry_out(message[0], arguments)
        except Refused as refused:
            return bytes([refused.status])
        except KeyError:
            return bytes([Status.MISSING_PARAMETER])
        except (ValueError, TypeError, IndexError, AttributeError):
            return bytes([Status.INVALID_CBOR])

    def answer(self) -> bytes | None:
        """The answer to what waited, once."""
        self._pass_time()
        answer, self._answer = self._answer, None
        return answer

    def cancel(self) -> None:
        if self._wait:
            self.tally.cancels += 1
            self._wait, self._answer = None, bytes([Status.KEEPALIVE_CANCEL])

    @property
    def waiting(self) -> bool:
        """True while the key blinks."""
        self._pass_time()
        return self._wait is not None

    def touch(self) -> bool:
        """A finger, now; whether the key was waiting for one."""
        self._pass_time()
        if self._wait is None:
            return False
        self._touched(self._wait)
        return True

    def forget(self) -> None:
        """What a reset does: no credential, no PIN."""
        self.credentials, self.pin = {}, Pin()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _carry_out(self, command: int, arguments: Any) -> bytes | None:
        match command:
            case Command.INFO:
                return _good(self._info())
            case Command.PIN:
                return _good(self.pin.carry_out(arguments))
            case Command.MAKE:
                return self._make(arguments)
            case Command.ASSERT:
                return self._assert(arguments)
            case Command.SELECTION:
                return self._after_touch(lambda: bytes([Status.OK]))
            case Command.RESET:
                return self._after_touch(self._reset)
            case _:
                raise Refused(Status.INVALID_COMMAND)

    def _info(self) -> dict[int, Any]:
        options = {"rk": True, "up": True, "plat": False, "clientPin": self.pin.is_set, "pinUvAuthToken": True}
        if self.options.always_verify:
            options |= {"alwaysUv": True, "makeCredUvNotRqd": False}
        major, minor, build = self.options.firmware
        return {
            1: ["FIDO_2_0", "FIDO_2_1"],
            3: AAGUID,
            4: options,
            5: LARGEST_MESSAGE,
            6: [2, 1],
            7: 8,
            8: 128,
            9: ["usb"],
            10: [{"alg": _ES256, "type": "public-key"}],
            13: SHORTEST,
            14: major << 16 | minor << 8 | build,
        }

    def _make(self, arguments: Any) -> bytes | None:
        client_hash, rp, user, kinds = arguments[1], arguments[2], arguments[3], arguments[4]
        if not any(kind["alg"] == _ES256 and kind["type"] == "public-key" for kind in kinds):
            raise Refused(Status.UNSUPPORTED_ALGORITHM)
        verified = self.pin.given(arguments, client_hash, May.MAKE, rp["id"], 8)
        if not verified and (self.pin.is_set or self.options.always_verify):
            raise Refused(Status.PIN_REQUIRED)
        known = [one["id"] for one in arguments.get(5, []) if self._belongs(one["id"], rp["id"])]
        resident = arguments.get(7, {}).get("rk", False)

        def made() -> bytes:
            if known:
                return bytes([Status.CREDENTIAL_EXCLUDED])
            credential = Credential(rp["id"], user, ec.generate_private_key(ec.SECP256R1()), resident)
            number = os.urandom(_ID_BYTES)
            self.credentials[number] = credential
            public = cbor.encode(cose_key(credential.key.public_key(), _ES256))
            attested = AAGUID + struct.pack(">H", len(number)) + number + public
            told = self._told(rp["id"], Flag.PRESENT | Flag.ATTESTED | _flag(verified), attested)
            return _good({1: "packed", 2: told, 3: {"alg": _ES256, "sig": _signed(credential, told + client_hash)}})

        return self._after_touch(made)

    def _assert(self, arguments: Any) -> bytes | None:
        rp_id, client_hash = arguments[1], arguments[2]
        options = arguments.get(5, {})
        if options.get("uv"):
            raise Refused(Status.UNSUPPORTED_OPTION)
        verified = self.pin.given(arguments, client_hash, May.ASSERT, rp_id, 6)
        present = options.get("up", True)
        if present and self.options.always_verify and not verified:
            raise Refused(Status.PIN_REQUIRED)
        asked = [one["id"] for one in arguments[3]] if 3 in arguments else self._residents()
        found = [number for number in asked if self._belongs(number, rp_id)]
        if not found:
            raise Refused(Status.NO_CREDENTIALS)

        def asserted() -> bytes:
            credential = self.credentials[found[0]]
            told = self._told(rp_id, _flag(verified) | (Flag.PRESENT if present else Flag(0)))
            answer = {1: {"id": found[0], "type": "public-key"}, 2: told, 3: _signed(credential, told + client_hash)}
            if credential.resident:
                answer[4] = {"id": credential.user["id"]}
            return _good(answer)

        return self._after_touch(asserted) if present else asserted()

    def _reset(self) -> bytes:
        self.forget()
        return bytes([Status.OK])

    def _residents(self) -> list[bytes]:
        return [number for number, one in self.credentials.items() if one.resident]

    def _belongs(self, number: bytes, rp_id: str) -> bool:
        return number in self.credentials and self.credentials[number].rp_id == rp_id

    def _told(self, rp_id: str, flags: Flag, attested: bytes = b"") -> bytes:
        self.counter += 1
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BL", flags, self.counter) + attested

    def _after_touch(self, then: Callable[[], bytes]) -> bytes | None:
        self._wait = _Wait(self._clock(), then)
        return None

    def _pass_time(self) -> None:
        if self._wait is None:
            return
        waited_s, auto_s = self._clock() - self._wait.since_s, self.options.auto_touch_s
        if auto_s is not None and auto_s < self.options.touch_seconds and waited_s >= auto_s:
            self._touched(self._wait)
        elif waited_s >= self.options.touch_seconds:
            self._wait, self._answer = None, bytes([Status.USER_ACTION_TIMEOUT])

    def _touched(self, wait: _Wait) -> None:
        self.tally.touches += 1
        self._wait, self._answer = None, wait.then()


def _good(answer: dict[int, Any]) -> bytes:
    return bytes([Status.OK]) + (cbor.encode(answer) if answer else b"")


def _flag(verified: bool) -> Flag:
    return Flag.VERIFIED if verified else Flag(0)


def _signed(credential: Credential, message: bytes) -> bytes:
    return credential.key.sign(message, ec.ECDSA(SHA256()))

"""What each command byte of a frame makes the key do. Silence is a refusal."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.bed.yubikey.slot import (
    ACCESS_CODE_BYTES,
    CONFIG_BYTES,
    NO_ACCESS_CODE,
    Config,
    Extended,
    Kind,
    config_from_payload,
)

if TYPE_CHECKING:
    from tests.bed.yubikey.model import YubiKey

Command = Callable[["YubiKey", bytes], None]

CHALLENGES_SINCE = (2, 2, 0)
SERIAL_SINCE = (2, 2, 0)
CAPABILITIES_SINCE = (4, 1, 0)


def hmac_message(config: int, payload: bytes) -> bytes:
    """What of the 64 bytes is hashed: all of them, or with HMAC_LT64 all but the trailing bytes equal to the last."""
    if not config & Config.HMAC_LT64:
        return payload
    return payload.rstrip(payload[-1:]) or payload[:1]


def _access_allowed(key: YubiKey, number: int, payload: bytes) -> bool:
    old = key.slots.get(number)
    if old is None or old.config.access_code == NO_ACCESS_CODE:
        return True
    return payload[CONFIG_BYTES : CONFIG_BYTES + ACCESS_CODE_BYTES] == old.config.access_code


def _write(number: int) -> Command:
    def write(key: YubiKey, payload: bytes) -> None:
        if not _access_allowed(key, number, payload):
            return
        config = config_from_payload(payload)
        if config or not any(payload[:CONFIG_BYTES]):
            key.store(number, config)
            key.programmed()

    return write


def _update(number: int) -> Command:
    def update(key: YubiKey, payload: bytes) -> None:
        slot, new = key.slots.get(number), config_from_payload(payload)
        if not slot or not new or not slot.config.extended & Extended.ALLOW_UPDATE:
            return
        if _access_allowed(key, number, payload):
            slot.config = slot.config.updated_by(new)
            key.programmed()

    return update


def _swap(key: YubiKey, payload: bytes) -> None:
    key.slots = {3 - number: slot for number, slot in key.slots.items()}
    key.programmed()


def _serial(key: YubiKey, payload: bytes) -> None:
    """Assumed: a key without any slot shows its serial."""
    visible = [slot.config.extended & Extended.SERIAL_API_VISIBLE for slot in key.slots.values()]
    if key.options.firmware >= SERIAL_SINCE and (any(visible) or not visible):
        key.respond(struct.pack(">L", key.options.serial))


def _capabilities(key: YubiKey, payload: bytes) -> None:
    if key.options.firmware < CAPABILITIES_SINCE:
        return
    serial = struct.pack(">BBL", 2, 4, key.options.serial)
    body = b"\1\1\1" + serial + b"\4\1\1" + b"\5\3" + bytes(key.options.firmware)
    key.respond(bytes([len(body)]) + body)


def _challenge(number: int, kind: Kind) -> Command:
    def challenge(key: YubiKey, payload: bytes) -> None:
        slot = key.slots.get(number)
        if key.options.refuses or key.options.firmware < CHALLENGES_SINCE:
            return
        if slot is None or slot.config.kind is not kind:
            return

        def answer() -> bytes:
            if kind is Kind.OTP_CHALLENGE:
                return key.next_otp_block(slot, payload[:6])
            return hmac.new(slot.config.secret, hmac_message(slot.config.config, payload), hashlib.sha1).digest()

        if slot.config.needs_touch:
            key.respond_after_touch(answer)
        else:
            key.respond(answer())

    return challenge


COMMANDS: Mapping[int, Command] = {
    0x01: _write(1),
    0x03: _write(2),
    0x04: _update(1),
    0x05: _update(2),
    0x06: _swap,
    0x10: _serial,
    0x13: _capabilities,
    0x20: _challenge(1, Kind.OTP_CHALLENGE),
    0x28: _challenge(2, Kind.OTP_CHALLENGE),
    0x30: _challenge(1, Kind.HMAC),
    0x38: _challenge(2, Kind.HMAC),
}

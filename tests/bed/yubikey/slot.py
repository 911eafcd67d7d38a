"""What a slot is programmed with: the 52 bytes that a host writes, as a frozen value.

Layout: fixed 16, uid 6, key 16, access code 6, length of fixed, extended flags, ticket flags, configuration flags,
reserved 2, CRC 2. The payload that programs a slot carries the current access code at offset 52; all zero deletes.
HMAC and HOTP keys are key + uid[:4]; HOTP starts counting at uid[4:6], big-endian, times 16.
The flags mean different things for different kinds; the names below say for which.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import Enum, IntFlag

from tests.bed.yubikey.frames import CRC_RESIDUE, PAYLOAD_BYTES, crc16, with_crc

CONFIG_BYTES = 52
ACCESS_CODE_BYTES = 6
NO_ACCESS_CODE = bytes(ACCESS_CODE_BYTES)
_LAYOUT = "<16s6s16s6sBBBB2x"


class Ticket(IntFlag):
    TAB_FIRST = 0x01
    APPEND_TAB1 = 0x02
    APPEND_TAB2 = 0x04
    APPEND_CR = 0x20
    CHALLENGE_OR_HOTP = 0x40


class Config(IntFlag):
    HOTP_8_DIGITS = 0x02
    HMAC_LT64 = 0x04
    TOUCH = 0x08
    STATIC_OR_CHALLENGE = 0x20
    CHALLENGE_HMAC = 0x22


class Extended(IntFlag):
    SERIAL_API_VISIBLE = 0x04
    ALLOW_UPDATE = 0x20
    DORMANT = 0x40


class Kind(Enum):
    YUBICO_OTP = "yubico-otp"
    STATIC = "static"
    HOTP = "oath-hotp"
    OTP_CHALLENGE = "otp-challenge"
    HMAC = "hmac-sha1"


@dataclass(frozen=True, slots=True)
class SlotConfig:
    fixed: bytes = b""
    uid: bytes = bytes(6)
    key: bytes = bytes(16)
    access_code: bytes = NO_ACCESS_CODE
    extended: int = Extended.SERIAL_API_VISIBLE
    ticket: int = 0
    config: int = 0

    @property
    def kind(self) -> Kind:
        challenge_or_hotp = bool(self.ticket & Ticket.CHALLENGE_OR_HOTP)
        second = bool(self.config & Config.STATIC_OR_CHALLENGE)
        match challenge_or_hotp, second:
            case True, True:
                return Kind.HMAC if self.config & Config.CHALLENGE_HMAC == Config.CHALLENGE_HMAC else Kind.OTP_CHALLENGE
            case True, False:
                return Kind.HOTP
            case False, True:
                return Kind.STATIC
            case _:
                return Kind.YUBICO_OTP

    @property
    def answers_challenges(self) -> bool:
        return self.kind in {Kind.HMAC, Kind.OTP_CHALLENGE}

    @property
    def needs_touch(self) -> bool:
        return not self.answers_challenges or bool(self.config & Config.TOUCH)

    @property
    def secret(self) -> bytes:
        """The 20 bytes of an HMAC or HOTP slot."""
        return self.key + self.uid[:4]

    @property
    def first_counter(self) -> int:
        return int.from_bytes(self.uid[4:6], "big") * 16

    def payload(self, current_access_code: bytes = NO_ACCESS_CODE) -> bytes:
        """The 64 bytes that program a slot with this."""
        raw = struct.pack(
            _LAYOUT,
            self.fixed,
            self.uid,
            self.key,
            self.access_code,
            len(self.fixed),
            self.extended,
            self.ticket,
            self.config,
        )
        return (with_crc(raw) + current_access_code).ljust(PAYLOAD_BYTES, b"\0")

    def updated_by(self, new: SlotConfig) -> SlotConfig:
        """What an update leaves: secrets, public id and kind stay; the ways of typing, touching and showing change."""
        config = self.config if self.answers_challenges else self.config & ~0x0C | new.config & 0x0C
        ticket = self.ticket & ~0x3F | new.ticket & 0x3F
        return replace(self, ticket=ticket, config=config, extended=new.extended, access_code=new.access_code)


def config_from_payload(payload: bytes) -> SlotConfig | None:
    """What a host wrote; None if its CRC is wrong."""
    raw = payload[:CONFIG_BYTES]
    if crc16(raw) != CRC_RESIDUE:
        return None
    fixed, uid, key, access_code, length, extended, ticket, config = struct.unpack(_LAYOUT, raw[:-2])
    return SlotConfig(fixed[: min(length, 16)], uid, key, access_code, extended, ticket, config)


def hmac_slot(secret: bytes, *, touch: bool = True, fixed_length: bool = False) -> SlotConfig:
    """HMAC-SHA1 challenge-response with a 20-byte secret."""
    config = Config.CHALLENGE_HMAC | (0 if fixed_length else Config.HMAC_LT64) | (Config.TOUCH if touch else 0)
    return SlotConfig(
        uid=secret[16:20].ljust(6, b"\0"), key=secret[:16], ticket=Ticket.CHALLENGE_OR_HOTP, config=config
    )


def otp_slot(public_id: bytes, private_id: bytes, aes_key: bytes) -> SlotConfig:
    """Yubico OTP followed by Enter: 6-byte public id, 6-byte private id, 16-byte AES key."""
    return SlotConfig(fixed=public_id, uid=private_id, key=aes_key, ticket=Ticket.APPEND_CR)


def hotp_slot(secret: bytes, *, digits: int = 6, counter: int = 0) -> SlotConfig:
    """OATH-HOTP followed by Enter, 20-byte secret; `counter` a multiple of 16, as the key can store it."""
    return SlotConfig(
        uid=secret[16:20] + (counter // 16).to_bytes(2, "big"),
        key=secret[:16],
        ticket=Ticket.CHALLENGE_OR_HOTP | Ticket.APPEND_CR,
        config=Config.HOTP_8_DIGITS if digits == 8 else 0,
    )

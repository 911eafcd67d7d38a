"""What the key types: Yubico OTP in modhex, OATH-HOTP digits, a static password.

Modhex uses the sixteen letters that lie on the same keys of most Latin keyboard layouts.
"""

from __future__ import annotations

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.bed.yubikey.frames import with_crc
from tests.bed.yubikey.slot import Config, SlotConfig, Ticket

MODHEX = "cbdefghijklnrtuv"


def modhex_from_bytes(data: bytes) -> str:
    return "".join(MODHEX[byte >> 4] + MODHEX[byte & 15] for byte in data)


def bytes_from_modhex(text: str) -> bytes:
    return bytes.fromhex("".join(f"{MODHEX.index(letter):x}" for letter in text))


def aes_block(key: bytes, block: bytes) -> bytes:
    """One block of 16 bytes: that is all an OTP is, so ECB is no choice here."""
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


def otp_block(key: bytes, uid: bytes, use_counter: int, session_counter: int, stamp: int, noise: bytes) -> bytes:
    """The 16 encrypted bytes: uid 6, use counter 2, clock 3 (at 8 Hz), session counter 1, random 2, CRC 2."""
    plain = uid + struct.pack("<HHBB", use_counter, stamp & 0xFFFF, stamp >> 16 & 0xFF, session_counter) + noise
    return aes_block(key, with_crc(plain))


def otp_text(config: SlotConfig, block: bytes) -> str:
    """Public id and block with the tabs and Enter that the slot wants."""
    first = "\t" if config.ticket & Ticket.TAB_FIRST else ""
    between = "\t" if config.ticket & Ticket.APPEND_TAB1 else ""
    last = "\t" if config.ticket & Ticket.APPEND_TAB2 else ""
    return first + modhex_from_bytes(config.fixed) + between + modhex_from_bytes(block) + last + _enter(config)


def static_text(config: SlotConfig) -> str:
    return otp_text(config, aes_block(config.key, config.uid.ljust(16, b"\0")))


def hotp_text(config: SlotConfig, counter: int) -> str:
    """RFC 4226."""
    mac = hmac.new(config.secret, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = mac[19] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    digits = 8 if config.config & Config.HOTP_8_DIGITS else 6
    return f"{number % 10**digits:0{digits}d}" + _enter(config)


def _enter(config: SlotConfig) -> str:
    return "\n" if config.ticket & Ticket.APPEND_CR else ""

"""A port as a USB device: descriptors, and the control transfers that libusb programs send."""

from __future__ import annotations

import struct
from typing import Final

from tests.bed.yubikey.port import Port, Stall

VENDOR: Final = 0x1050
PRODUCT_OTP: Final = 0x0401
PRODUCT_OTP_FIDO: Final = 0x0403

KEYBOARD_REPORT: Final = bytes.fromhex(
    "05010906a101050719e029e7150025017501950881029501750881019505750105081901290591029501750391019506"
    "7508150025650507190029658100090375089508b102c0"
)
"""A boot keyboard and one feature report of 8 bytes, as a YubiKey's interface 0 has it (71 bytes)."""

FIDO_REPORT: Final = bytes.fromhex("06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0")
"""What a FIDO interface has: the second of a key that has both, the only one of a key with OTP switched off."""

_QUIETLY_ACCEPTED = frozenset({(0x00, 9), (0x01, 11), (0x02, 1), (0x21, 0x0A), (0x21, 0x0B)})
_FEATURE = 3
_STRINGS = {1: "Yubico", 2: "YubiKey OTP"}


def device_descriptor(firmware: tuple[int, int, int], product: int = PRODUCT_OTP) -> bytes:
    release = firmware[0] << 8 | firmware[1] << 4 | firmware[2]
    return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, VENDOR, product, release, 1, 2, 0, 1)


def product_of(port: Port) -> int:
    return PRODUCT_OTP_FIDO if port.fido else PRODUCT_OTP


def configuration_descriptor() -> bytes:
    """One interface: a boot keyboard with an interrupt endpoint, polled every 10 ms."""
    interface = struct.pack("<9B", 9, 4, 0, 0, 1, 3, 1, 1, 0)
    hid = struct.pack("<BBHBBBH", 9, 0x21, 0x0111, 0, 1, 0x22, len(KEYBOARD_REPORT))
    endpoint = struct.pack("<BBBBHB", 7, 5, 0x81, 3, 8, 10)
    body = interface + hid + endpoint
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 1, 1, 0, 0x80, 15) + body


def control_transfer(port: Port, plugging: int, setup: tuple[int, int, int, int], data: bytes, length: int) -> bytes:
    """`setup` is request type, request, value, index. Gives what an IN transfer reads, b"" for OUT.

    Raises Gone, Stall.
    """
    kind, request, value, index = setup
    match (kind, request):
        case (0x80 | 0x81, 6):
            return _descriptor(port, kind, value)[:length]
        case (0xA1, 1) if index == 0 and value >> 8 == _FEATURE:
            return port.read(plugging)[:length]
        case (0x21, 9) if index == 0 and value >> 8 == _FEATURE:
            port.write(plugging, data)
            return b""
        case (0x80, 8):
            return b"\1"[:length]
        case (0x80 | 0x81 | 0x82, 0):
            return bytes(2)[:length]
        case pair if pair in _QUIETLY_ACCEPTED:
            return b""
        case _:
            raise Stall


def _descriptor(port: Port, kind: int, value: int) -> bytes:
    number = value & 0xFF
    match (kind, value >> 8):
        case (0x80, 1):
            return device_descriptor(port.key.options.firmware, product_of(port))
        case (0x80, 2):
            return configuration_descriptor()
        case (0x80, 3) if number == 0:
            return b"\x04\x03\x09\x04"
        case (0x80, 3) if number in _STRINGS:
            text = _STRINGS[number].encode("utf-16-le")
            return bytes([len(text) + 2, 3]) + text
        case (0x81, 0x22):
            return KEYBOARD_REPORT
        case _:
            raise Stall

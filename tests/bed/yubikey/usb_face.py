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

KEYBOARD_ENDPOINT: Final = 1
KEYBOARD_INTERVAL_MS: Final = 10
FIDO_ENDPOINT: Final = 4
"""In and out."""
FIDO_INTERVAL_MS: Final = 5

_QUIETLY_ACCEPTED = frozenset({(0x00, 9), (0x01, 11), (0x02, 1), (0x21, 0x0A), (0x21, 0x0B)})
_FEATURE = 3


def device_descriptor(firmware: tuple[int, int, int], product: int = PRODUCT_OTP) -> bytes:
    release = firmware[0] << 8 | firmware[1] << 4 | firmware[2]
    return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, VENDOR, product, release, 1, 2, 0, 1)


def product_of(port: Port) -> int:
    return PRODUCT_OTP_FIDO if port.fido else PRODUCT_OTP


def configuration_descriptor(*, fido: bool = False) -> bytes:
    """A boot keyboard with an interrupt endpoint; beside it, with `fido`, an interface that takes and gives packets of
    64 bytes."""
    body = _interface(0, (1, 1), KEYBOARD_REPORT) + _endpoint(0x80 | KEYBOARD_ENDPOINT, 8, KEYBOARD_INTERVAL_MS)
    if fido:
        ends = (FIDO_ENDPOINT, 0x80 | FIDO_ENDPOINT)
        body += _interface(1, (0, 0), FIDO_REPORT, endpoints=len(ends))
        body += b"".join(_endpoint(end, 64, FIDO_INTERVAL_MS) for end in ends)
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2 if fido else 1, 1, 0, 0x80, 15) + body


def _interface(number: int, subclass_protocol: tuple[int, int], report: bytes, *, endpoints: int = 1) -> bytes:
    hid = struct.pack("<BBHBBBH", 9, 0x21, 0x0111, 0, 1, 0x22, len(report))
    return struct.pack("<9B", 9, 4, number, 0, endpoints, 3, *subclass_protocol, 0) + hid


def _endpoint(address: int, packet_bytes: int, interval_ms: int) -> bytes:
    return struct.pack("<BBBBHB", 7, 5, address, 3, packet_bytes, interval_ms)


def control_transfer(port: Port, plugging: int, setup: tuple[int, int, int, int], data: bytes, length: int) -> bytes:
    """`setup` is request type, request, value, index. Gives what an IN transfer reads, b"" for OUT.

    Raises Gone, Stall.
    """
    kind, request, value, index = setup
    match (kind, request):
        case (0x80 | 0x81, 6):
            return _descriptor(port, kind, value, index)[:length]
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


def _descriptor(port: Port, kind: int, value: int, index: int) -> bytes:
    """`index` is the interface where one is asked."""
    number = value & 0xFF
    strings = {1: "Yubico", 2: "YubiKey OTP+FIDO" if port.fido else "YubiKey OTP"}
    match (kind, value >> 8):
        case (0x80, 1):
            return device_descriptor(port.key.options.firmware, product_of(port))
        case (0x80, 2):
            return configuration_descriptor(fido=port.fido is not None)
        case (0x80, 3) if number == 0:
            return b"\x04\x03\x09\x04"
        case (0x80, 3) if number in strings:
            text = strings[number].encode("utf-16-le")
            return bytes([len(text) + 2, 3]) + text
        case (0x81, 0x22) if index == 1 and port.fido:
            return FIDO_REPORT
        case (0x81, 0x22):
            return KEYBOARD_REPORT
        case _:
            raise Stall

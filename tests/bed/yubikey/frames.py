"""How the OTP application speaks: feature reports of 8 bytes, frames of 70 bytes, a CRC of 16 bits.

- A report is 7 bytes of data and a flag byte: WRITE while the key is busy (towards the key: "this is part of a frame"),
  PENDING while it has a response, TOUCH while it waits for a finger, and in the low 5 bits a sequence number (of the
  frame's or response's part) or the seconds left.
- A frame is payload (64), command (1), CRC of the payload (2, little-endian), filler (3), in ten parts 0..9. A host
  leaves out parts that are all zero, except the first and the last; so part 0 clears and part 9 executes.
- A part above 9 resets: it aborts a wait for a touch and drops a response.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

REPORT_BYTES = 8
PART_BYTES = 7
PAYLOAD_BYTES = 64
FRAME_BYTES = 70
LAST_PART = 9

WRITE = 0x80
PENDING = 0x40
TOUCH = 0x20
SEQUENCE_MASK = 0x1F

CRC_RESIDUE = 0xF0B8


def crc16(data: bytes) -> int:
    """ISO 13239's CRC, reflected 0x8408, from 0xffff, not complemented."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8408 if crc & 1 else crc >> 1
    return crc


def with_crc(data: bytes) -> bytes:
    """`data` and the complement of its CRC: the CRC over both is CRC_RESIDUE."""
    return data + struct.pack("<H", 0xFFFF - crc16(data))


@dataclass(frozen=True, slots=True)
class Frame:
    command: int
    payload: bytes


class Assembly:
    """Puts a frame together from its parts."""

    def __init__(self) -> None:
        self._bytes = bytearray(FRAME_BYTES)

    def clear(self) -> None:
        self._bytes = bytearray(FRAME_BYTES)

    def add(self, report: bytes) -> Frame | None:
        """The frame when `report` is its last part and its CRC is right, else None."""
        part = report[PART_BYTES] & SEQUENCE_MASK
        if part == 0:
            self.clear()
        self._bytes[part * PART_BYTES : (part + 1) * PART_BYTES] = report[:PART_BYTES]
        if part != LAST_PART:
            return None
        payload, command, crc = struct.unpack("<64sBH3x", bytes(self._bytes))
        return Frame(command, payload) if crc == crc16(payload) else None


class Response:
    """A response on its way to the host, in parts of 7 bytes; after the last the key shows part 0 again."""

    def __init__(self, data: bytes) -> None:
        self._data = with_crc(data)
        self._part = 0

    def next_report(self) -> bytes:
        part = self._part
        start = part * PART_BYTES
        self._part = part + 1 if start + PART_BYTES < len(self._data) else 0
        return self._data[start : start + PART_BYTES].ljust(PART_BYTES, b"\0") + bytes([PENDING | part])


def reports_from_frame(frame: Frame) -> list[bytes]:
    """The ten parts as a host sends them; for tests that speak to the model without a library."""
    crc = crc16(frame.payload)
    whole = struct.pack("<64sBH3x", frame.payload, frame.command, crc)
    parts = [whole[i : i + PART_BYTES] for i in range(0, FRAME_BYTES, PART_BYTES)]
    kept = [(n, part) for n, part in enumerate(parts) if n in {0, LAST_PART} or any(part)]
    return [part + bytes([WRITE | n]) for n, part in kept]


RESET_REPORT = bytes([0, 0, 0, 0, 0, 0, 0, 0x8F])

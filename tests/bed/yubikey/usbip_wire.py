"""USB/IP's packets, as a device's side sees them (Documentation/usb/usbip_protocol.rst of the kernel). Pure.

The host's controller submits requests and may take them back; each is answered by its sequence number. Numbers are
big-endian, but for the eight bytes of a control transfer's set-up.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass

HEADER_BYTES = 48
_SUBMIT, _UNLINK, _SUBMITTED, _UNLINKED = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Submit:
    """A request: `length` bytes from the device when `inward`, else so many follow the header. `setup` is request type,
    request, value, index and length of a control transfer."""

    number: int
    endpoint: int
    inward: bool
    length: int
    setup: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Unlink:
    """`target`'s answer is not wanted any more."""

    number: int
    target: int


def request_from_header(header: bytes) -> Submit | Unlink:
    """`header` is HEADER_BYTES long. Raises ValueError."""
    command, number, _device, direction, endpoint = struct.unpack(">5I", header[:20])
    match command:
        case 1:
            length = struct.unpack(">I", header[24:28])[0]
            kind, request, value, index, wanted = struct.unpack("<BBHHH", header[40:48])
            return Submit(number, endpoint, bool(direction), length, (kind, request, value, index, wanted))
        case 2:
            return Unlink(number, struct.unpack(">I", header[20:24])[0])
        case _:
            raise ValueError(f"no request has the number {command}")


def submitted(request: Submit, data: bytes) -> bytes:
    """The answer to a request that went well. `data` is what is read; nothing for one that wrote."""
    return _answer(request.number, 0, len(data) if request.inward else request.length) + data


def stalled(request: Submit) -> bytes:
    """The answer to a request that the device refuses."""
    return _answer(request.number, -errno.EPIPE, 0)


def unlinked(request: Unlink, *, in_time: bool) -> bytes:
    """`in_time`: the target had not been answered."""
    return struct.pack(">5Ii24x", _UNLINKED, request.number, 0, 0, 0, -errno.ECONNRESET if in_time else 0)


def _answer(number: int, status: int, length: int) -> bytes:
    return struct.pack(">5IiI4I4x", _SUBMITTED, number, 0, 0, 0, status, length, 0, 0, 0, 0)

"""/dev/hidrawN of another process, answered by a port: the ioctls of linux/hidraw.h that touch feature reports.

umockdev calls `handle` on a thread of its own; the far end's lock makes that safe.
"""

from __future__ import annotations

import errno
import struct
from enum import IntEnum
from threading import Lock
from typing import Any, Final

from tests.bed.yubikey.port import Gone, Port, Stall
from tests.bed.yubikey.umockdev import IoctlBase
from tests.bed.yubikey.usb_face import KEYBOARD_REPORT, PRODUCT_OTP, VENDOR

_TYPE: Final = ord("H")


class Hidraw(IntEnum):
    """The numbers of linux/hidraw.h."""

    DESCRIPTOR_SIZE = 1
    DESCRIPTOR = 2
    INFO = 3
    NAME = 4
    SET_FEATURE = 6
    GET_FEATURE = 7


_BUS_USB: Final = 3
_NAME: Final = b"Yubico YubiKey OTP\0"


class HidrawNode(IoctlBase):  # type: ignore[misc]  # GObject introspection has no types
    """A descriptor belongs to the plugging in which it was opened."""

    def __init__(self, port: Port, lock: Lock) -> None:
        super().__init__()
        self._port, self._lock = port, lock
        self._pluggings: dict[Any, int] = {}
        self.connect("client-connected", self._connected)
        self.connect("client-vanished", self._vanished)
        self.connect("handle-ioctl", self._handle)

    def _connected(self, _: object, client: Any) -> None:
        with self._lock:
            self._pluggings[client] = self._port.plugging

    def _vanished(self, _: object, client: Any) -> None:
        with self._lock:
            self._pluggings.pop(client, None)

    def _handle(self, _: object, client: Any) -> bool:
        request = client.get_request() & 0xFFFFFFFF
        size = request >> 16 & 0x3FFF
        try:
            argument = client.get_arg().resolve(0, size)
            with self._lock:
                result = self._answer(request, argument, size, self._pluggings.get(client, 0))
        except Stall:
            client.complete(-1, errno.EPIPE)
        except Gone:
            client.complete(-1, errno.ENODEV)
        else:
            client.complete(result, 0) if result >= 0 else client.complete(-1, -result)
        return True

    def _answer(self, request: int, argument: Any, size: int, plugging: int) -> int:
        if request >> 8 & 0xFF != _TYPE:
            return -errno.ENOTTY
        if not self._port.plugged or plugging != self._port.plugging:
            raise Gone
        match request & 0xFF:
            case Hidraw.GET_FEATURE if size > 1:  # the report's number, then the report
                report = self._port.read(plugging)[: size - 1]
                argument.update(1, report)
                return 1 + len(report)
            case Hidraw.SET_FEATURE if size > 1:
                self._port.write(plugging, bytes(argument.retrieve())[1:])
                return size
            case number:
                return described(number, argument, size, KEYBOARD_REPORT, _NAME)


def described(number: int, argument: Any, size: int, report: bytes, name: bytes) -> int:
    """Answers what any hidraw node of a key tells of itself: the ioctl's result, negative for an errno."""
    match number:
        case Hidraw.INFO:
            argument.update(0, struct.pack("<IHH", _BUS_USB, VENDOR, PRODUCT_OTP))
        case Hidraw.DESCRIPTOR_SIZE:
            argument.update(0, struct.pack("<I", len(report)))
        case Hidraw.DESCRIPTOR:  # the size, then the descriptor
            argument.update(4, report)
        case Hidraw.NAME:
            argument.update(0, name[:size])
            return min(size, len(name))
        case _:
            return -errno.ENOTTY
    return 0

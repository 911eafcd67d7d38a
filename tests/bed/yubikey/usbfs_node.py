"""/dev/bus/usb/BBB/DDD of another process, answered by a port: the usbfs ioctls that libusb sends.

This is for judges that know only libusb: python-yubico by itself, ykinfo, ykchalresp, ykpersonalize. It also shows
what the product must not do: `Port.driver_attached` goes False when the kernel's keyboard driver is detached.
"""

from __future__ import annotations

import errno
import struct
from collections import deque
from enum import IntEnum
from threading import Lock
from typing import Any, Final

from tests.bed.yubikey.port import Gone, Port, Stall
from tests.bed.yubikey.umockdev import IoctlBase
from tests.bed.yubikey.usb_face import control_transfer


class Usbfs(IntEnum):
    """linux/usbdevice_fs.h, for 64 bits."""

    SET_CONFIGURATION = 0x80045505
    GET_DRIVER = 0x41045508
    SUBMIT = 0x8038550A
    DISCARD = 0x0000550B
    REAP = 0x4008550C
    REAP_NOW = 0x4008550D
    CLAIM = 0x8004550F
    RELEASE = 0x80045510
    DRIVER_IOCTL = 0xC0105512
    CAPABILITIES = 0x8004551A
    DISCONNECT_CLAIM = 0x8108551B


_CONNECT: Final = 0x5517
_URB_BYTES: Final = 56
_URB_CONTROL: Final = 2
_SETUP_BYTES: Final = 8


class UsbfsNode(IoctlBase):  # type: ignore[misc]  # GObject introspection has no types
    def __init__(self, port: Port, lock: Lock) -> None:
        super().__init__()
        self._port, self._lock = port, lock
        self._pluggings: dict[Any, int] = {}
        self._done: dict[Any, deque[Any]] = {}
        self.connect("client-connected", self._connected)
        self.connect("client-vanished", self._vanished)
        self.connect("handle-ioctl", self._handle)

    def _connected(self, _: object, client: Any) -> None:
        with self._lock:
            self._pluggings[client], self._done[client] = self._port.plugging, deque()

    def _vanished(self, _: object, client: Any) -> None:
        with self._lock:
            self._pluggings.pop(client, None)
            self._done.pop(client, None)

    def _handle(self, _: object, client: Any) -> bool:
        with self._lock:
            result = self._answer(client.get_request() & 0xFFFFFFFF, client)
        client.complete(result, 0) if result >= 0 else client.complete(-1, -result)
        return True

    def _answer(self, request: int, client: Any) -> int:
        if not self._port.plugged or self._pluggings.get(client) != self._port.plugging:
            return -errno.ENODEV
        argument = client.get_arg()
        match request:
            case Usbfs.SUBMIT:
                self._submit(argument.resolve(0, _URB_BYTES), client)
            case Usbfs.REAP | Usbfs.REAP_NOW:
                if not self._done[client]:
                    return -errno.EAGAIN
                argument.resolve(0, 8).set_ptr(0, self._done[client].popleft())
            case Usbfs.GET_DRIVER | Usbfs.DISCONNECT_CLAIM | Usbfs.DRIVER_IOCTL:
                return self._driver(request, argument)
            case Usbfs.CAPABILITIES:
                argument.resolve(0, 4).update(0, bytes(4))
            case Usbfs.CLAIM | Usbfs.RELEASE | Usbfs.SET_CONFIGURATION | Usbfs.DISCARD:
                pass
            case _:
                return -errno.ENOTTY
        return 0

    def _driver(self, request: int, argument: Any) -> int:
        match request:
            case Usbfs.DISCONNECT_CLAIM:
                self._port.driver_attached = False
            case Usbfs.DRIVER_IOCTL:
                code = struct.unpack("<ii", bytes(argument.resolve(0, 16).retrieve())[:8])[1]
                self._port.driver_attached = code & 0xFFFF == _CONNECT
            case _ if not self._port.driver_attached:
                return -errno.ENODATA
            case _:
                argument.resolve(0, 260).update(4, b"usbhid\0")
        return 0

    def _submit(self, urb: Any, client: Any) -> None:
        """A control transfer is done at once; any other endpoint has nothing to say."""
        raw = bytes(urb.retrieve())
        length = struct.unpack_from("<i", raw, 24)[0]
        status, count = -errno.EPIPE, 0
        if raw[0] == _URB_CONTROL:
            status, count = self._transfer(urb.resolve(16, length), self._pluggings[client])
        urb.update(4, struct.pack("<i", status))
        urb.update(28, struct.pack("<i", count))
        self._done[client].append(urb)

    def _transfer(self, buffer: Any, plugging: int) -> tuple[int, int]:
        """Status and count of bytes, as an URB tells them."""
        data = bytes(buffer.retrieve())
        kind, request, value, index, length = struct.unpack("<BBHHH", data[:_SETUP_BYTES])
        body = data[_SETUP_BYTES : _SETUP_BYTES + length]
        try:
            reply = control_transfer(self._port, plugging, (kind, request, value, index), body, length)
        except Stall:
            return -errno.EPIPE, 0
        except Gone:
            return -errno.ENODEV, 0
        if not kind & 0x80:
            return 0, length
        if reply:
            buffer.update(_SETUP_BYTES, reply)
        return 0, len(reply)

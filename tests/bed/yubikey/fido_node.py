"""/dev/hidrawN of another process, answered by a key's FIDO application: packets go in and out, ioctls describe it.

- Every open descriptor gets every packet, whoever asked: so it is with a real hidraw node.
- A read waits until there is a packet, as a real one does. poll, which umockdev does not answer, always says that there
  is one: a program that cancels by poll alone would hang here, so a waiting read of a pulled key fails with EIO.
- `pump` hands out what has come meanwhile; the far end calls it every few milliseconds.
"""

from __future__ import annotations

import errno
from collections import deque
from threading import Lock
from typing import Any

from tests.bed.yubikey.fido.ctaphid import PACKET_BYTES
from tests.bed.yubikey.hidraw_node import described
from tests.bed.yubikey.port import Gone, Port, Stall
from tests.bed.yubikey.umockdev import IoctlBase
from tests.bed.yubikey.usb_face import FIDO_REPORT

_TYPE = ord("H")
_NAME = b"Yubico YubiKey OTP+FIDO\0"


class _Opened:
    """A descriptor: the plugging it was opened in, what it has not read yet, its reads that wait."""

    def __init__(self, plugging: int) -> None:
        self.plugging = plugging
        self.packets: deque[bytes] = deque()
        self.reading: deque[Any] = deque()


class FidoNode(IoctlBase):  # type: ignore[misc]  # GObject introspection has no types
    def __init__(self, port: Port, lock: Lock) -> None:
        super().__init__()
        self._port, self._lock = port, lock
        self._opened: dict[Any, _Opened] = {}
        self.connect("client-connected", self._connected)
        self.connect("client-vanished", self._vanished)
        self.connect("handle-ioctl", self._ioctl)
        self.connect("handle-read", self._read)
        self.connect("handle-write", self._write)

    def pump(self) -> None:
        """Call it with the lock held."""
        for opened in self._opened.values():
            if opened.plugging != self._port.plugging or not self._port.plugged:
                _fail(opened)
        try:
            while self._port.plugged and (packet := self._port.fido_read(self._port.plugging)) is not None:
                for opened in self._opened.values():
                    opened.packets.append(packet)
        except (Gone, Stall):
            for opened in self._opened.values():
                _fail(opened)
        for opened in self._opened.values():
            _serve(opened)

    def _connected(self, _: object, client: Any) -> None:
        with self._lock:
            self._opened[client] = _Opened(self._port.plugging)

    def _vanished(self, _: object, client: Any) -> None:
        with self._lock:
            self._opened.pop(client, None)

    def _read(self, _: object, client: Any) -> bool:
        with self._lock:
            opened = self._opened[client]
            opened.reading.append(client)
            self.pump()
        return True

    def _write(self, _: object, client: Any) -> bool:
        packet = bytes(client.get_arg().retrieve())
        try:
            with self._lock:
                # The number of the report stands before it.
                self._port.fido_write(self._opened[client].plugging, packet[1:])
        except Stall:
            client.complete(-1, errno.EPIPE)
        except Gone:
            client.complete(-1, errno.ENODEV)
        else:
            client.complete(len(packet), 0)
        return True

    def _ioctl(self, _: object, client: Any) -> bool:
        request = client.get_request() & 0xFFFFFFFF
        size = request >> 16 & 0x3FFF
        result = -errno.ENOTTY
        if request >> 8 & 0xFF == _TYPE:
            with self._lock:
                there = self._port.plugged and self._opened[client].plugging == self._port.plugging
            argument = client.get_arg().resolve(0, size)
            result = described(request & 0xFF, argument, size, FIDO_REPORT, _NAME) if there else -errno.ENODEV
        client.complete(result, 0) if result >= 0 else client.complete(-1, -result)
        return True


def _serve(opened: _Opened) -> None:
    while opened.reading and opened.packets:
        client, packet = opened.reading.popleft(), opened.packets.popleft()
        buffer = client.get_arg()
        length = min(len(buffer.retrieve()), PACKET_BYTES)
        buffer.update(0, packet[:length])
        client.complete(length, 0)


def _fail(opened: _Opened) -> None:
    opened.packets.clear()
    while opened.reading:
        opened.reading.popleft().complete(-1, errno.EIO)

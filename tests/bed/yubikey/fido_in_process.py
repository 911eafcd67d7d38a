"""A port's FIDO application as the product's worker sees a hidraw node, inside this process: a real descriptor that can
be polled, one end of a socket pair; a thread carries the packets between the other end and the port.

It ends when either side goes: a pulled key's reader reads the end, as it does when the kernel takes a node away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import threading

from tests.bed.yubikey.fido.ctaphid import PACKET_BYTES
from tests.bed.yubikey.port import Gone, Port, Stall

_TICK_S = 0.002


class PortPackets:
    """`stolen`: what other programs' conversations leave on the node, before each packet of ours."""

    def __init__(self, port: Port, stolen: tuple[bytes, ...] = ()) -> None:
        self._port, self._stolen = port, stolen
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        self._lock = threading.Lock()
        self.closed = False
        threading.Thread(target=self._carry, args=(port.plugging,), daemon=True).start()

    def fileno(self) -> int:
        return self._ours.fileno()

    def read(self) -> bytes:
        return self._ours.recv(PACKET_BYTES)

    def write(self, packet: bytes) -> None:
        """As the kernel does, at once and with the key's refusal."""
        try:
            with self._lock:
                self._port.fido_write(self._port.plugging, packet)
        except Stall:
            raise OSError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
        except Gone:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV)) from None

    def close(self) -> None:
        self.closed = True
        self._ours.close()

    def _carry(self, plugging: int) -> None:
        with self._theirs, contextlib.suppress(OSError, Gone, Stall):
            while not select.select([self._theirs], [], [], _TICK_S)[0]:
                with self._lock:
                    packet = self._port.fido_read(plugging)
                if packet is not None:
                    for one in (*self._stolen, packet):
                        self._theirs.send(one)

"""The connection to flexnetd: one request line in, answer lines out (flexnetd/wire/worker.py)."""

from __future__ import annotations

import socket

from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed
from flexnetd.wire.worker import LONGEST_LINE, Progress, Request, Result, answer_line, read_request
from flexnetd.worker.wait import READABLE, WRITABLE, Wait

REQUEST_S = 5.0
ANSWER_S = 5.0
_CHUNK = 65536


class DaemonLine:
    """`connection` is a connected UNIX stream socket; the line takes it over."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection

    @property
    def descriptor(self) -> int:
        return self._connection.fileno()

    def read_request(self) -> Request:
        """Raises Malformed (also for a connection that ends, or says nothing for REQUEST_S)."""
        wait = Wait(REQUEST_S)
        received = bytearray()
        while b"\n" not in received:
            try:
                wait.until(self.descriptor, READABLE)
                chunk = self._connection.recv(_CHUNK)
            except OSError:
                chunk = b""
            received += chunk
            if not chunk or len(received) > LONGEST_LINE:
                raise Malformed("", "no line")
        return read_request(bytes(received))

    def tell(self, answer: Progress | Result | Fault) -> None:
        """A daemon that does not listen any more is not told."""
        wait = Wait(ANSWER_S)
        left = memoryview(answer_line(answer))
        try:
            while left:
                wait.until(self.descriptor, WRITABLE)
                left = left[self._connection.send(left) :]
        except OSError:
            pass

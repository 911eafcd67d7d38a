"""A connected socket as http.client wants one, whose every read and write waits by wait.py and is counted.

The allowance bounds what one answer may bring in all, headers, chunk sizes and trailers included: http.client bounds
each of them alone, and reads some until the other side has enough.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
from typing import TYPE_CHECKING

from flexnetd.worker.wait import READABLE, WRITABLE, Wait

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class AllowanceSpent(Exception):  # noqa: N818 - a past fact
    """The other side sent more than it was allowed to."""


class Channel:
    """`stream` is non-blocking, plain or TLS. Reads and writes raise TimeoutError, OSError, AllowanceSpent;
    Fault: CANCELLED."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._wait = Wait(0)
        self._allowance = 0

    def begin(self, wait: Wait, allowance_bytes: int) -> None:
        """What follows ends with `wait` and receives at most so much."""
        self._wait = wait
        self._allowance = allowance_bytes

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._send(view) :]

    def _send(self, view: memoryview) -> int:
        while True:
            try:
                return self._stream.send(view)
            except (ssl.SSLWantWriteError, BlockingIOError):
                self._wait.until(self._stream.fileno(), WRITABLE)
            except ssl.SSLWantReadError:
                self._wait.until(self._stream.fileno(), READABLE)

    def receive_into(self, buffer: WriteableBuffer) -> int:
        while True:
            try:
                count = self._stream.recv_into(buffer)
            except (ssl.SSLWantReadError, BlockingIOError):
                self._wait.until(self._stream.fileno(), READABLE)
            except ssl.SSLWantWriteError:
                self._wait.until(self._stream.fileno(), WRITABLE)
            else:
                self._allowance -= count
                if self._allowance < 0:
                    raise AllowanceSpent
                return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client reads an answer from; closing it leaves the channel open."""
        return io.BufferedReader(_Reader(self))

    def lies_idle(self) -> bool:
        """True when the other side has neither closed nor sent anything since the last answer."""
        poll = select.poll()
        poll.register(self._stream.fileno(), READABLE)
        if not poll.poll(0):
            return True
        try:
            # TLS may have something to say for itself (a session ticket), which is no data.
            self._stream.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        self._stream.close()


class _Reader(io.RawIOBase):
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._channel.receive_into(buffer)

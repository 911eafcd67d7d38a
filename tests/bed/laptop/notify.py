"""A NOTIFY_SOCKET of our own: hears what a service tells its manager (sd_notify(3))."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.bed.await_ import until


class NotifySocket:
    """`path` must be reachable for the service and at most 107 bytes long. `messages` holds what came, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.messages: list[str] = []
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        path.chmod(0o666)

    def heard(self, message: str) -> bool:
        """True when a line was `message` ("READY=1"), since the beginning or the last `forget`."""
        while True:
            try:
                self.messages += self._socket.recv(65536).decode().splitlines()
            except BlockingIOError:
                return message in self.messages

    def forget(self) -> None:
        self.heard("")
        self.messages.clear()

    def until(self, message: str, timeout_s: float = 10) -> None:
        until(lambda: self.heard(message), timeout_s, f"{message} on the notify socket, heard {self.messages}")

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)

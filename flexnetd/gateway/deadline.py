"""A TLS connection on which everything that a request does ends at one moment.

A socket's time-out begins anew with every byte that drips in. Here each operation gets what is left until the request's
deadline, and TimeoutError comes when nothing is left, however much has come so far.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class DeadlineSocket:
    """What `http.client` needs of a socket. Set `ends_at_s` (CLOCK_MONOTONIC) before each request."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self._connection = connection
        self.ends_at_s = 0.0

    def sendall(self, data: ReadableBuffer) -> None:
        self._arm()
        self._connection.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(_Reader(self))

    def recv_into(self, buffer: WriteableBuffer) -> int:
        self._arm()
        return self._connection.recv_into(buffer)

    def close(self) -> None:
        self._connection.close()

    def _arm(self) -> None:
        left_s = self.ends_at_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)


class _Reader(io.RawIOBase):
    def __init__(self, connection: DeadlineSocket) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._connection.recv_into(buffer)


def connected(host: str, port: int, context: ssl.SSLContext, ends_at_s: float) -> DeadlineSocket:
    """TCP, then TLS with the host's name checked. Every address of the host is tried. Raises OSError."""
    problem: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(max(0.001, ends_at_s - time.monotonic()))
            plain.connect(address)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return DeadlineSocket(context.wrap_socket(plain, server_hostname=host))
        except ssl.SSLError:
            plain.close()
            raise
        except OSError as wrong:
            plain.close()
            problem = wrong
    raise problem

"""A server on loopback that does what its script says to each connection, however wrong that is."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.integration.worker.authority import Leaf

HOST = "127.0.0.1"

Script = Callable[[socket.socket], None]
"""Called with each connection, after TLS; may raise OSError when the other side goes."""


@dataclass
class ScriptedServer:
    """`connections` counts what was accepted, `requests` what arrived inside TLS, request by request."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when a script has come to its end."""

    @property
    def origin(self) -> str:
        return f"https://{HOST}:{self.port}"


@contextmanager
def scripted_server(
    script: Callable[[ScriptedServer, socket.socket], None],
    leaf: Leaf | None,
    host: str = HOST,
    port: int = 0,
    highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    listener: socket.socket | None = None,
) -> Iterator[ScriptedServer]:
    """A server with the leaf's certificate; a plain one without. `listener` may come from another network."""
    context = None
    if leaf is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = highest
        context.load_cert_chain(leaf.file)
    with listener or socket.create_server((host, port)) as listening:
        server = ScriptedServer(listening.getsockname()[1])
        open_now: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                server.connections += 1
                open_now.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        def serve(plain: socket.socket) -> None:
            with contextlib.suppress(OSError), plain:
                connection = plain if context is None else context.wrap_socket(plain, server_side=True)
                open_now.append(connection)
                with connection:
                    script(server, connection)
            server.ended.set()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            for connection in open_now:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()


def read_request(server: ScriptedServer, connection: socket.socket) -> bytes:
    """One request, head and body; b"" when the other side has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    server.requests.append(head + b"\r\n\r\n" + body)
    return server.requests[-1]


def answering(*answers: bytes) -> Callable[[ScriptedServer, socket.socket], None]:
    """A script that gives the n-th answer to the n-th request, over all connections, and the last one ever after."""
    given = iter(range(1_000_000))

    def script(server: ScriptedServer, connection: socket.socket) -> None:
        while read_request(server, connection):
            connection.sendall(answers[min(next(given), len(answers) - 1)])

    return script


def http(
    body: bytes,
    status: str = "200 OK",
    kind: str = "application/json",
    headers: Sequence[str] = (),
) -> bytes:
    """An answer as a decent server would send it."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body

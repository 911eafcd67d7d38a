"""Two TLS listeners in one process and one event loop: one for clients, one for gateways' agents.

uvicorn speaks HTTP; TLS contexts are made here, 1.3 and nothing older. The listener for agents demands a certificate
of our agents' authority, and its protocol class puts the certificate's fingerprint into the state that every request
of the connection carries (`scope["state"]`, ASGI's own place for such things).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

import h11
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.h11_impl import H11Protocol

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort
from flexnetd.portal.config import Listener

PEER_CERTIFICATE = "flexnet_peer_certificate"
"""Key of `scope["state"]`: SHA-256 of the client certificate's DER, hexadecimal."""

_BACKLOG = 1024
_MOST_AT_ONCE = 2048
_GRACE_S = 5
_HEAD_WITHIN_S = 10
_REQUEST_WITHIN_S = 30
"""From the beginning of the wait; a body has a limit of its own besides (`messages.py`)."""


class PunctualProtocol(H11Protocol):
    """HTTP/1.1 with a client that gets on with it: a connection whose next request has not come in time is cut.

    uvicorn itself waits for ever for a request that never begins or drips, so that a stranger with some thousand silent
    connections would keep everybody else out."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waits_since = self.loop.time()
        self._look()

    def on_response_complete(self) -> None:
        self._waits_since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """A request that is there (DONE) may take as long as its answer."""
        state = self.conn.their_state
        within_s = _HEAD_WITHIN_S if state is h11.IDLE else _REQUEST_WITHIN_S
        left_s = self._waits_since + within_s - self.loop.time()
        if left_s <= 0 and state in {h11.IDLE, h11.SEND_BODY}:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(left_s if left_s > 0 else _HEAD_WITHIN_S, self._look)


class CertificateProtocol(PunctualProtocol):
    """The same over a connection whose client has shown a certificate."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        certificate = None if connection is None else connection.getpeercert(binary_form=True)
        if certificate:
            self.app_state = {**self.app_state, PEER_CERTIFICATE: hashlib.sha256(certificate).hexdigest()}


class _Server(uvicorn.Server):
    """One of several: signals are the process's business, see `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(address: HostPort) -> socket.socket:
    """Raises Fault CONFIG_FILE_UNREADABLE when the address cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it an answer takes 40 ms longer.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address.host, address.port))
    except OSError as wrong:
        made.close()
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(address), reason=wrong.strerror or "") from None
    made.listen(_BACKLOG)
    return made


def tls_context(listener: Listener, client_authority: Path | None = None) -> ssl.SSLContext:
    """With `client_authority`, clients must show a certificate that it signed. Raises Fault CONFIG_FILE_UNREADABLE."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    file = listener.certificate
    try:
        context.load_cert_chain(listener.certificate, listener.private_key)
        if client_authority is not None:
            file = client_authority
            context.load_verify_locations(client_authority)
            context.verify_mode = ssl.CERT_REQUIRED
    except OSError as wrong:
        reason = wrong.reason if isinstance(wrong, ssl.SSLError) else wrong.strerror
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=reason or "") from None
    return context


def server(
    app: Litestar, context: ssl.SSLContext | None, protocol: type[H11Protocol] = PunctualProtocol
) -> uvicorn.Server:
    """Without a `context` it speaks HTTP without TLS."""
    config = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_HEAD_WITHIN_S,
        timeout_graceful_shutdown=_GRACE_S,
        limit_concurrency=_MOST_AT_ONCE,
        backlog=_BACKLOG,
    )
    config.load()
    config.ssl = context
    return _Server(config)


async def serve(
    servers: list[tuple[uvicorn.Server, socket.socket]],
    ready: Callable[[], None],
    stopping: Callable[[], None],
    beside: Coroutine[None, None, None],
) -> None:
    """Until SIGTERM or SIGINT. `ready` is called when all of them answer, `stopping` when they are to finish what they
    do; `beside` runs meanwhile."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping()
        for one, _ in servers:
            one.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    tasks = [asyncio.create_task(one.serve(sockets=[its])) for one, its in servers]
    other = asyncio.create_task(beside)
    while not all(one.started for one, _ in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    ready()
    try:
        await asyncio.gather(*tasks)
    finally:
        other.cancel()

"""A portal for agents that does what a test says: lists, silence, refusals, and it hears what is confirmed.

Real TLS with client certificates on a real socket; who the client is, is decided by its authority alone.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from flexnetd.model.secret import Secret
from flexnetd.wire.gateway import Applied, Peer, PeerList
from flexnetd.wire.json_codec import decode, encode
from tests.bed.world.host import Host
from tests.integration.gateway.papers import Papers

LONGEST_HOLD_S = 0.3
"""How long a list is held back when nothing changes; the real portal waits longer."""

Answer = tuple[int, dict[str, str], bytes]


def peer(key: bytes, ip: str, psk: bytes | None = None, ends_in_s: int = 3600) -> Peer:
    return Peer(key, Secret(base64.b64encode(psk or os.urandom(32)).decode()), (f"{ip}/32",), ends_in_s)


class ScriptedPortal:
    """Serves in threads of the test's process; with `host`, in that host's network."""

    def __init__(self, papers: Papers, address: str = "127.0.0.1", host: Host | None = None) -> None:
        self.heard: list[Applied] = []
        self.asked: list[str] = []
        self.connections = 0
        self.isolation_limit_s = 300
        self.answers_with: Callable[[], Answer] | None = None
        """Answers every request instead of the list."""
        self._list = PeerList(0, self.isolation_limit_s, ())
        self._changed = threading.Condition()
        self._papers = papers
        self._address = address
        self._host = host
        self._port = 0
        self._server: _Server | None = None
        self._listed_at_s = 0.0

    @property
    def origin(self) -> str:
        return f"https://{self._address}:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def revision(self) -> int:
        return self._list.revision

    def says(self, *peers: Peer) -> int:
        """From now on these are the gateway's peers; the revision."""
        with self._changed:
            self._listed_at_s = time.monotonic()
            self._list = PeerList(self._list.revision + 1, self.isolation_limit_s, peers)
            self._changed.notify_all()
            return self._list.revision

    def confirmed(self, revision: int) -> bool:
        return any(applied.revision == revision for applied in self.heard)

    def __enter__(self) -> Self:
        self.opens()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closes()

    def opens(self) -> None:
        """Listens, at the port that it had before."""
        self._server = self._host.within(self._listening) if self._host else self._listening()
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def closes(self) -> None:
        """Goes away: nobody listens, what was open is cut."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self._server = None
        with self._changed:
            self._changed.notify_all()

    def _listening(self) -> _Server:
        server = _Server((self._address, self._port), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._papers.portal_certificate, self._papers.portal_key)
        context.load_verify_locations(self._papers.agents_authority)
        context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        return server

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        portal = self

        class Handler(_Handler):
            def answer(self, body: bytes) -> Answer:
                return portal._answer(self.command, self.path, body)

            def setup(self) -> None:
                portal.connections += 1
                super().setup()

        return Handler

    def _answer(self, method: str, path: str, body: bytes) -> Answer:
        self.asked.append(f"{method} {path}")
        if self.answers_with is not None:
            return self.answers_with()
        if method == "POST":
            self.heard.append(decode(Applied, body, 1 << 20))
            return HTTPStatus.NO_CONTENT, {}, b""
        return HTTPStatus.OK, {"Content-Type": "application/json"}, encode(self._whole_list(path))

    def _whole_list(self, path: str) -> PeerList:
        """Held back while the asker has this revision; the ends count from now."""
        since = parse_qs(urlsplit(path).query).get("since", [""])[0]
        with self._changed:
            if since:
                self._changed.wait_for(lambda: self._list.revision != int(since), LONGEST_HOLD_S)
            age_s = int(time.monotonic() - self._listed_at_s)
            peers = tuple(
                Peer(one.public_key, one.preshared_key, one.allowed_ips, one.ends_in_s - age_s)
                for one in self._list.peers
                if one.ends_in_s > age_s
            )
            return PeerList(self._list.revision, self.isolation_limit_s, peers)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._open.discard(request)
        super().close_request(request)

    def cut(self) -> None:
        """Ends the connections that are open."""
        for connection in tuple(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A refused certificate or a cut connection is what tests are about: nothing to print."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes) -> Answer:
        raise NotImplementedError

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, data = self.answer(body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

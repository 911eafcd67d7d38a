"""Slowloris: whoever opens connections and never finishes a request must not keep them, or some thousand of them keep
everybody else out of the portal."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import pytest

from tests.bed.portal_on_loopback import PortalUnderTest, portal_on_loopback

LONGEST_S = 20
BEGUN = b"GET /.well-known/flexnet HTTP/1.1\r\nHost: portal\r\n"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    with portal_on_loopback(tmp_path_factory.mktemp("portal")) as under_test:
        yield under_test


def connected(portal: PortalUnderTest) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=portal.ca_file)
    return context.wrap_socket(socket.create_connection(("127.0.0.1", portal.port)), server_hostname="127.0.0.1")


def silent(_connection: ssl.SSLSocket) -> None:
    """Not a word."""


def half(connection: ssl.SSLSocket) -> None:
    connection.sendall(BEGUN)


def dripping(connection: ssl.SSLSocket) -> None:
    """A header that grows by a letter now and then."""
    connection.sendall(BEGUN + b"X-Endless: ")

    def drip() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"x")
                time.sleep(0.5)

    threading.Thread(target=drip, daemon=True).start()


def dripping_after_an_answer(connection: ssl.SSLSocket) -> None:
    connection.sendall(BEGUN + b"\r\n")
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert (answer.status, bool(answer.read())) == (200, True)
    dripping(connection)


def cut_after_s(connection: ssl.SSLSocket) -> float:
    """How long the portal kept it, at most LONGEST_S."""
    begun = time.monotonic()
    connection.settimeout(LONGEST_S)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        assert connection.recv(1) == b""
    return time.monotonic() - begun


def test_a_connection_without_a_request_is_cut(portal: PortalUnderTest) -> None:
    attackers = [connected(portal) for _ in range(4)]
    for begin, attacker in zip((silent, half, dripping, dripping_after_an_answer), attackers, strict=True):
        begin(attacker)
    assert portal.ask("GET", "/.well-known/flexnet")[0] == 200
    assert sum(map(cut_after_s, attackers)) < LONGEST_S
    for attacker in attackers:
        attacker.close()

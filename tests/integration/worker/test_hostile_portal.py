"""A portal whose certificate is good and whose answers are not: each is named, in bounded time and memory.

The seconds asserted are limits of behaviour, some times what a run takes on a busy machine.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import encode
from flexnetd.wire.portal import LONGEST_ANSWER, Problem
from flexnetd.wire.worker import DiscoverRequest, PortalAccess
from flexnetd.worker.portal import Portal
from flexnetd.worker.wait import Wait
from tests.integration.worker.authority import Authority, Leaf
from tests.integration.worker.portals import access, discover, discovery, discovery_answer
from tests.integration.worker.scripted_server import (
    HOST,
    ScriptedServer,
    answering,
    http,
    read_request,
    scripted_server,
)
from tests.integration.worker.worker_process import Asked, ask

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = Code.PORTAL_ANSWER_MALFORMED
TOO_LARGE = Fault(Code.PORTAL_ANSWER_TOO_LARGE, host=HOST, limit_bytes=LONGEST_ANSWER)

Script = Callable[[ScriptedServer, socket.socket], None]


def asked_of(script: Script, leaf: Leaf, authority: Authority) -> Asked:
    with scripted_server(script, leaf) as server:
        return ask(discover(server, authority))


def problem(code: str, facts: dict[str, str] | None = None, numbers: dict[str, int] | None = None) -> bytes:
    return encode(Problem("about:blank", "no", 400, code, facts or {}, numbers or {}))


def refusal(code: str, facts: dict[str, str] | None = None, numbers: dict[str, int] | None = None) -> bytes:
    return http(problem(code, facts, numbers), "400 Bad Request", "application/problem+json")


ANSWERS: dict[str, tuple[bytes, Fault]] = {
    "500": (http(b"<h1>oops</h1>", "500 Oops", "text/html"), Fault(Code.PORTAL_FAILED, host=HOST, status=500)),
    "404": (http(b"{}", "404 Not Found"), Fault(Code.PORTAL_FAILED, host=HOST, status=404)),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", Fault(Code.PORTAL_FAILED, host=HOST, status=204)),
    "busy": (http(b"", "503 Busy", headers=["Retry-After: 7"]), Fault(Code.PORTAL_BUSY, retry_after_s=7)),
    "busy until a date": (
        http(b"", "503 Busy", headers=["Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"]),
        Fault(Code.PORTAL_BUSY, retry_after_s=30),
    ),
    "too many requests": (http(b"", "429 Slow down"), Fault(Code.PORTAL_BUSY, retry_after_s=30)),
    "html": (http(b"{}", kind="text/html"), Fault(MALFORMED, host=HOST, field="content-type")),
    "no content type": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        Fault(MALFORMED, host=HOST, field="content-type"),
    ),
    "compressed": (
        http(b"\x1f\x8b", headers=["Content-Encoding: gzip"]),
        Fault(MALFORMED, host=HOST, field="content-encoding"),
    ),
    "no json": (http(b"<h1>hello</h1>"), Fault(MALFORMED, host=HOST, field="message")),
    "empty": (http(b""), Fault(MALFORMED, host=HOST, field="message")),
    "a list": (http(b"[]"), Fault(MALFORMED, host=HOST, field="message")),
    "deep json": (http(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), Fault(MALFORMED, host=HOST, field="message")),
    "a text without end": (http(b'{"a":"' + b'\\"' * 500_000), Fault(MALFORMED, host=HOST, field="message")),
    "an unknown field": (
        http(encode(discovery())[:-1] + b',"extra":1}'),
        Fault(MALFORMED, host=HOST, field="extra"),
    ),
    "a missing field": (http(b'{"protocol":1}'), Fault(MALFORMED, host=HOST, field="operator")),
    "a wrong type": (
        http(encode(discovery()).replace(b'"poll_after_s":60', b'"poll_after_s":"60"')),
        Fault(MALFORMED, host=HOST, field="poll_after_s"),
    ),
    "no http": (b"SSH-2.0-OpenSSH_9.2\r\n", Fault(MALFORMED, host=HOST, field="http")),
    "http 0.9": (b"hello\r\n", Fault(MALFORMED, host=HOST, field="http")),
    "bad chunks": (CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n", Fault(MALFORMED, host=HOST, field="http")),
    "a negative chunk": (CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n", Fault(MALFORMED, host=HOST, field="http")),
    "two megabytes": (http(b" " * (2 << 20)), TOO_LARGE),
    "two megabytes in chunks": (CHUNKED + b"200000\r\n" + b" " * (2 << 20) + b"\r\n0\r\n\r\n", TOO_LARGE),
    "too old a client": (discovery_answer(oldest_client="0.2.0"), Fault(Code.CLIENT_TOO_OLD, oldest="0.2.0")),
    "the next protocol": (
        http(b'{"protocol":2,"oldest_client":"3.0.0","what":"ever"}'),
        Fault(Code.CLIENT_TOO_OLD, oldest="3.0.0"),
    ),
    "a problem": (refusal("FN-203"), Fault(Code.PASSWORD_EXPIRED)),
    "a problem with facts": (
        refusal("FN-210", numbers={"retry_after_s": 9}),
        Fault(Code.TOO_MANY_TRIES, retry_after_s=9),
    ),
    "a problem that portals cannot have": (
        refusal("FN-109", {"url": "https://evil.example"}),
        Fault(Code.PORTAL_FAILED, host=HOST, status=400),
    ),
    "a problem of the daemon": (refusal("FN-602"), Fault(Code.PORTAL_FAILED, host=HOST, status=400)),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_wrong_answer_has_its_name(name: str, authority: Authority, leaf: Leaf) -> None:
    given, fault = ANSWERS[name]
    asked = asked_of(answering(given), leaf, authority)
    assert asked.outcome == fault
    assert asked.took_s < 3
    assert asked.log == ""


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "304 Not Modified", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_named_and_not_followed(status: str, authority: Authority, leaf: Leaf) -> None:
    with scripted_server(answering(discovery_answer()), leaf) as other:
        moved = http(b"", status, headers=[f"Location: {other.origin}/.well-known/flexnet"])
        asked = asked_of(answering(moved), leaf, authority)
    assert asked.outcome == Fault(Code.PORTAL_REDIRECTS, host=HOST)
    assert other.connections == 0


@pytest.mark.parametrize("ahead_s", [-3600, 3600])
def test_a_clock_that_is_wrong_is_told_by_how_much(ahead_s: int, authority: Authority, leaf: Leaf) -> None:
    script = answering(discovery_answer(server_time=int(time.time()) - ahead_s))
    asked = asked_of(script, leaf, authority)
    assert isinstance(asked.outcome, Fault)
    assert asked.outcome.code is Code.CLOCK_WRONG
    assert abs(int(asked.outcome.facts["seconds"]) - 3600) <= 5


def flooding(head: bytes, flood: bytes) -> Script:
    """Sends without end, as fast as it is taken."""

    def script(server: ScriptedServer, connection: socket.socket) -> None:
        read_request(server, connection)
        connection.sendall(head)
        while True:
            connection.sendall(flood)

    return script


FLOODS = {
    "a body without length": (JSON_HEAD + b"\r\n", b" " * 65536),
    "chunks": (CHUNKED, b"8000\r\n" + b" " * 0x8000 + b"\r\n"),
    "a chunk of minus one": (CHUNKED + b"-1\r\n", b" " * 65536),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-More: yes\r\n" * 1000),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "a status line": (b"HTTP/1.1 200 ", b"O" * 65536),
    "a header line": (JSON_HEAD + b"X: ", b"x" * 65536),
}


@pytest.mark.parametrize("name", FLOODS)
def test_an_endless_answer_is_cut_off(name: str, authority: Authority, leaf: Leaf) -> None:
    asked = asked_of(flooding(*FLOODS[name]), leaf, authority)
    assert asked.outcome in {TOO_LARGE, Fault(MALFORMED, host=HOST, field="http")}
    assert asked.took_s < 5


def test_headers_without_end_are_cut_off(authority: Authority, leaf: Leaf) -> None:
    asked = asked_of(flooding(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n"), leaf, authority)
    assert asked.outcome == Fault(MALFORMED, host=HOST, field="http")


def hangs_up_after(received: Callable[[ScriptedServer, socket.socket], object], sent: bytes) -> Script:
    def script(server: ScriptedServer, connection: socket.socket) -> None:
        received(server, connection)
        connection.sendall(sent)

    return script


def test_a_portal_that_hangs_up_is_unreachable(authority: Authority, leaf: Leaf) -> None:
    unreachable = Fault(Code.PORTAL_UNREACHABLE, host=HOST)
    with scripted_server(lambda _server, _connection: None, None) as server:
        assert ask(discover(server, authority)).outcome == unreachable
    assert asked_of(hangs_up_after(read_request, b""), leaf, authority).outcome == unreachable


@pytest.mark.parametrize("sent", [JSON_HEAD + b"Content-Length: 900\r\n\r\n{", CHUNKED + b"5\r\n{", JSON_HEAD])
def test_half_an_answer_is_none(sent: bytes, authority: Authority, leaf: Leaf) -> None:
    asked = asked_of(hangs_up_after(read_request, sent), leaf, authority)
    assert isinstance(asked.outcome, Fault)
    assert asked.outcome.code in {Code.PORTAL_ANSWER_MALFORMED, Code.PORTAL_UNREACHABLE}


def dripping(sent: bytes, pause_s: float = 0.02) -> Script:
    """One byte at a time: no single wait of the other side is ever long."""

    def script(server: ScriptedServer, connection: socket.socket) -> None:
        read_request(server, connection)
        for byte in sent:
            connection.sendall(bytes([byte]))
            time.sleep(pause_s)

    return script


def hanging(server: ScriptedServer, connection: socket.socket) -> None:
    read_request(server, connection)
    with contextlib.suppress(OSError):
        connection.recv(1)


SLOW: dict[str, Script] = {
    "dripping the head": dripping(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90),
    "dripping the body": dripping(JSON_HEAD + b"Content-Length: 1000\r\n\r\n" + b" " * 1000),
    "silent": hanging,
}


@pytest.mark.parametrize("name", SLOW)
def test_one_deadline_holds_for_the_whole_answer(name: str, authority: Authority, leaf: Leaf) -> None:
    with scripted_server(SLOW[name], leaf) as server, patient_for(server, authority, 0.6) as portal:
        began = time.monotonic()
        with pytest.raises(Fault) as slow:
            portal.discover()
        took_s = time.monotonic() - began
    assert slow.value == Fault(Code.PORTAL_TOO_SLOW, host=HOST, seconds=1)
    assert 0.5 < took_s < 2


def test_a_handshake_that_does_not_go_on_is_too_slow(authority: Authority) -> None:
    with (
        scripted_server(hanging, None) as server,
        patient_for(server, authority, 0.5) as portal,
        pytest.raises(Fault) as slow,
    ):
        portal.discover()
    assert slow.value.code is Code.PORTAL_TOO_SLOW


def test_a_portal_that_drips_is_named_by_a_real_worker_in_time(authority: Authority, leaf: Leaf) -> None:
    asked = asked_of(dripping(JSON_HEAD + b"X: y\r\n" * 400), leaf, authority)
    assert isinstance(asked.outcome, Fault)
    assert asked.outcome.code is Code.PORTAL_TOO_SLOW
    assert asked.took_s < 13


def test_a_port_where_nobody_listens_is_unreachable_at_once(authority: Authority) -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    asked = ask(DiscoverRequest(PortalAccess(f"https://{HOST}:{port}", authority.pem)))
    assert asked.outcome == Fault(Code.PORTAL_UNREACHABLE, host=HOST)
    assert asked.took_s < 2


def test_an_address_that_swallows_everything_is_unreachable_within_three_seconds(authority: Authority) -> None:
    with swallowing(HOST) as port:
        asked = ask(DiscoverRequest(PortalAccess(f"https://{HOST}:{port}", authority.pem)))
    assert asked.outcome == Fault(Code.PORTAL_UNREACHABLE, host=HOST)
    assert 1.5 < asked.took_s < 3.5


def test_a_last_known_address_answers_in_place_of_a_dead_one(authority: Authority, leaf: Leaf) -> None:
    with (
        scripted_server(answering(discovery_answer()), leaf, host="127.0.0.9") as server,
        swallowing(HOST, server.port),
    ):
        asked = ask(discover(server, authority, addresses=("not an address", "127.0.0.9")))
    assert not isinstance(asked.outcome, Fault)
    assert asked.took_s < 2


@contextlib.contextmanager
def patient_for(server: ScriptedServer, authority: Authority, seconds: float) -> Iterator[Portal]:
    with contextlib.closing(Portal(access(server, authority), Wait(0), seconds)) as portal:
        yield portal


@contextlib.contextmanager
def swallowing(host: str, port: int = 0) -> Iterator[int]:
    """A port whose queue is full: further connections get no answer at all, as behind a firewall that drops."""
    with socket.socket() as listener, contextlib.ExitStack() as callers:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(address)
        yield address[1]

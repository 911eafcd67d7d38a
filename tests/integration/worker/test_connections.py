"""One connection for a sign-in, kept over the touch while the portal keeps it, and never a second try of a proof."""

from __future__ import annotations

import socket
from collections.abc import Callable

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import decode, encode
from flexnetd.wire.portal import LONGEST_REQUEST, GrantAnswer, LoginBegin, LoginBegun, LoginFinish
from flexnetd.wire.worker import GrantResult, LoginRequest, Progress
from tests.integration.worker.authority import Authority, Leaf
from tests.integration.worker.portals import access
from tests.integration.worker.scripted_server import ScriptedServer, answering, http, read_request, scripted_server
from tests.integration.worker.worker_process import ask

NONCE = bytes(range(32))
BEGUN = http(encode(LoginBegun("sealed", NONCE, 120)))
BEGUN_AND_CLOSED = http(encode(LoginBegun("sealed", NONCE, 120)), headers=["Connection: close"])
GRANTED = http(encode(GrantAnswer("a.signed.statement")))
OTP = "cbdefghi" * 5


def login(server: ScriptedServer, authority: Authority, otp: str = OTP) -> LoginRequest:
    return LoginRequest(
        access(server, authority),
        "alice",
        Secret("a password"),
        Factor.YUBICO_OTP,
        bytes(32),
        otp=Secret(otp),
        posture={"firewall": "pass"},
    )


def body(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def test_both_halves_of_a_sign_in_travel_on_one_connection(authority: Authority, leaf: Leaf) -> None:
    with scripted_server(answering(BEGUN, GRANTED), leaf) as server:
        asked = ask(login(server, authority, otp=f"  {OTP.upper()}\n"))
    assert asked.outcome == GrantResult("a.signed.statement", NONCE)
    assert asked.progress == (Progress.CONTACTING, Progress.VERIFYING)
    assert server.connections == 1
    begin, finish = server.requests
    assert begin.startswith(b"POST /v1/logins HTTP/1.1\r\n")
    assert decode(LoginBegin, body(begin), LONGEST_REQUEST).username == "alice"
    assert finish.startswith(b"POST /v1/logins/finish HTTP/1.1\r\n")
    told = decode(LoginFinish, body(finish), LONGEST_REQUEST)
    assert (told.login, told.proof, told.password) == ("sealed", Secret(OTP), Secret("a password"))
    assert (told.posture, told.new_password, told.activation) == ({"firewall": "pass"}, None, None)


def test_a_connection_that_the_portal_closed_meanwhile_is_made_anew(authority: Authority, leaf: Leaf) -> None:
    for one_each in (hanging_up_after_each(BEGUN_AND_CLOSED, GRANTED), hanging_up_after_each(BEGUN, GRANTED)):
        with scripted_server(one_each, leaf) as server:
            assert ask(login(server, authority)).outcome == GrantResult("a.signed.statement", NONCE)
        assert server.connections == 2


def test_a_proof_that_was_sent_is_not_sent_again(authority: Authority, leaf: Leaf) -> None:
    """The portal may have burned it: only the person knows whether to press again."""

    def script(server: ScriptedServer, connection: socket.socket) -> None:
        while request := read_request(server, connection):
            if b"/finish" in request:
                return
            connection.sendall(BEGUN)

    with scripted_server(script, leaf) as server:
        asked = ask(login(server, authority))
        assert asked.outcome == Fault(Code.PORTAL_UNREACHABLE, host="127.0.0.1")
    assert len(server.requests) == 2


def test_a_slip_in_a_typed_code_costs_nothing(authority: Authority, leaf: Leaf) -> None:
    with scripted_server(answering(BEGUN, GRANTED), leaf) as server:
        for otp in ("123456", "", "zzzz"):
            outcome = ask(login(server, authority, otp)).outcome
            assert isinstance(outcome, Fault)
            assert outcome.code is Code.CODE_FORMAT
    assert server.connections == 0


def hanging_up_after_each(*answers: bytes) -> Callable[[ScriptedServer, socket.socket], None]:
    def script(server: ScriptedServer, connection: socket.socket) -> None:
        read_request(server, connection)
        connection.sendall(answers[len(server.requests) - 1])

    return script

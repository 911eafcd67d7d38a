"""The agent's link to the portal over real TLS: what goes wrong has a name, and nothing is waited for without end."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flexnetd.gateway.config import PortalAccess
from flexnetd.gateway.portal_link import PortalLink
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort
from flexnetd.wire.gateway import LONGEST_PEERS, Applied, PeerStatistics
from tests.integration.gateway.papers import Papers, new_papers
from tests.integration.gateway.scripted_portal import Answer, ScriptedPortal, peer

HOST = "127.0.0.1"
ALICE = b"a" * 32


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return new_papers(tmp_path, HOST)


@pytest.fixture
def portal(papers: Papers) -> Iterator[ScriptedPortal]:
    with ScriptedPortal(papers) as served:
        yield served


def access(papers: Papers, port: int, host: str = HOST) -> PortalAccess:
    return PortalAccess(HostPort(host, port), papers.portal_authority, papers.agent_certificate, papers.agent_key)


@pytest.fixture
def link(papers: Papers, portal: ScriptedPortal) -> Iterator[PortalLink]:
    made = PortalLink(access(papers, portal.port))
    yield made
    made.close()


def refusal(link: PortalLink, since: int | None = None) -> Fault:
    with pytest.raises(Fault) as caught:
        link.peers(since)
    link.close()
    return caught.value


def test_a_list_is_read_and_confirmed_on_one_connection(portal: ScriptedPortal, link: PortalLink) -> None:
    said = peer(ALICE, "10.89.0.7")
    revision = portal.says(said)
    told = link.peers(None)
    assert (told.revision, told.peers) == (revision, (said,))
    applied = Applied(revision, (PeerStatistics(ALICE, 1, 2, None),))
    link.confirm(applied)
    assert portal.heard == [applied]
    assert portal.asked == ["GET /v1/gateway/peers", "POST /v1/gateway/applied"]
    assert portal.connections == 1


def test_a_list_is_held_back_until_it_changes(portal: ScriptedPortal, link: PortalLink) -> None:
    revision = portal.says()
    threading.Timer(0.05, portal.says).start()
    assert link.peers(revision).revision == revision + 1
    assert portal.asked == [f"GET /v1/gateway/peers?since={revision}"]


def answering(status: int, body: bytes = b"", **headers: str) -> Callable[[], Answer]:
    return lambda: (status, headers, body)


def problem(code: str, **facts: str) -> bytes:
    return json.dumps({"type": "about:blank", "title": "x", "status": 403, "code": code, "facts": facts}).encode()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (answering(302, Location="https://elsewhere/"), Fault(Code.PORTAL_REDIRECTS, host=HOST)),
        (answering(500), Fault(Code.PORTAL_FAILED, host=HOST, status=500)),
        (answering(500, b"<html>"), Fault(Code.PORTAL_FAILED, host=HOST, status=500)),
        (answering(403, problem("FN-708")), Fault(Code.CERTIFICATE_REFUSED)),
        (answering(404, problem("FN-709", name="gw1")), Fault(Code.GATEWAY_UNKNOWN, name="gw1")),
        (answering(403, problem("FN-999")), Fault(Code.PORTAL_FAILED, host=HOST, status=403)),
        (answering(200, b"{}"), Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field="revision")),
        (answering(200, b"[]"), Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field="message")),
        (
            answering(200, b"x" * (LONGEST_PEERS + 1)),
            Fault(Code.PORTAL_ANSWER_TOO_LARGE, host=HOST, limit_bytes=LONGEST_PEERS),
        ),
    ],
    ids=["redirect", "500", "500 with text", "certificate", "unknown gateway", "unknown code", "{}", "[]", "endless"],
)
def test_an_answer_that_is_no_list_is_told(
    portal: ScriptedPortal, link: PortalLink, answer: Callable[[], Answer], told: Fault
) -> None:
    portal.answers_with = answer
    assert refusal(link) == told


def test_a_connection_that_the_portal_closed_meanwhile_is_made_anew(portal: ScriptedPortal, link: PortalLink) -> None:
    portal.answers_with = answering(200, b'{"revision":1,"isolation_limit_s":9,"peers":[]}', Connection="keep-alive")
    link.peers(None)
    portal.closes()
    portal.opens()
    assert link.peers(None).revision == 1


def test_a_portal_that_is_away_is_unreachable(portal: ScriptedPortal, link: PortalLink) -> None:
    portal.closes()
    assert refusal(link) == Fault(Code.PORTAL_UNREACHABLE, host=HOST)


def test_a_name_that_is_none_is_not_found(papers: Papers) -> None:
    link = PortalLink(access(papers, 443, "portal.invalid"))
    assert refusal(link) == Fault(Code.NAME_NOT_FOUND, host="portal.invalid")


def test_a_portal_of_another_authority_is_told_nothing(papers: Papers, portal: ScriptedPortal, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    others = new_papers(foreign, HOST)
    link = PortalLink(
        PortalAccess(HostPort(HOST, portal.port), others.portal_authority, papers.agent_certificate, papers.agent_key)
    )
    told = refusal(link)
    assert (told.code, told.facts["host"]) == (Code.PORTAL_CERTIFICATE, HOST)
    assert portal.asked == []


def test_a_portal_of_another_name_is_told_nothing(papers: Papers, portal: ScriptedPortal) -> None:
    assert refusal(PortalLink(access(papers, portal.port, "localhost"))).code is Code.PORTAL_CERTIFICATE
    assert portal.asked == []


def test_a_certificate_that_the_portal_refuses_is_told(papers: Papers, portal: ScriptedPortal, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    others = new_papers(foreign, HOST)
    link = PortalLink(
        PortalAccess(HostPort(HOST, portal.port), papers.portal_authority, others.agent_certificate, others.agent_key)
    )
    assert refusal(link) == Fault(Code.CERTIFICATE_REFUSED)
    assert portal.asked == []


def test_a_file_that_is_not_there_is_told_by_its_name(papers: Papers, portal: ScriptedPortal) -> None:
    papers.agent_certificate.unlink()
    told = refusal(PortalLink(access(papers, portal.port)))
    assert (told.code, told.facts["file"]) == (Code.CONFIG_FILE_UNREADABLE, str(papers.agent_certificate))


@contextmanager
def far_end(papers: Papers, talk: Callable[[ssl.SSLSocket], None], **version: ssl.TLSVersion) -> Iterator[int]:
    """One TLS connection that is handed to `talk`; the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers.portal_certificate, papers.portal_key)
    if version:
        context.maximum_version = version["newest"]
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            plain, _ = listener.accept()
            with plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as secured:
                        talk(secured)
                except OSError:
                    return  # the agent hung up

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def drip(connection: ssl.SSLSocket) -> None:
    """An answer, byte by byte, that never ends."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def stay_mute(connection: ssl.SSLSocket) -> None:
    connection.recv(65536)
    connection.recv(1)  # until the agent has had enough


def hang_up(_: ssl.SSLSocket) -> None:
    """Says nothing at all."""


def greet_as_mail(connection: ssl.SSLSocket) -> None:
    connection.recv(65536)
    connection.sendall(b"220 mail.example.org ESMTP\r\n")


@pytest.mark.parametrize("talk", [drip, stay_mute])
def test_a_request_ends_at_its_deadline_however_much_comes(
    papers: Papers, talk: Callable[[ssl.SSLSocket], None]
) -> None:
    with far_end(papers, talk) as port:
        began_s = time.monotonic()
        assert refusal(PortalLink(access(papers, port), answer_timeout_s=0.3)).code is Code.PORTAL_TOO_SLOW
        assert time.monotonic() - began_s < 0.8


def test_an_older_tls_is_refused(papers: Papers) -> None:
    with far_end(papers, hang_up, newest=ssl.TLSVersion.TLSv1_2) as port:
        assert refusal(PortalLink(access(papers, port))).code is Code.PORTAL_UNREACHABLE


def test_what_is_not_http_is_malformed(papers: Papers) -> None:
    with far_end(papers, greet_as_mail) as port:
        told = refusal(PortalLink(access(papers, port)))
    assert told == Fault(Code.PORTAL_ANSWER_MALFORMED, host=HOST, field="http")

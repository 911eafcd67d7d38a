"""What comes in over HTTP and is not what it should be; discovery."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import sqlite3
import ssl

import pytest

from flexnetd.model.factor import Factor
from flexnetd.wire.json_codec import encode, from_plain
from flexnetd.wire.portal import Discovery, LoginBegin
from tests.bed.portal_on_loopback import PortalUnderTest
from tests.integration.portal.client import PortalClient, Refused

BEGIN = json.loads(encode(LoginBegin("alice", Factor.YUBIKEY_HMAC, bytes(32), "0.1.0")))


def test_discovery_tells_a_stranger_what_he_may_know(portal: PortalUnderTest) -> None:
    status, told, headers = portal.ask("GET", "/.well-known/flexnet")
    assert status == 200
    discovery = from_plain(Discovery, told)
    assert discovery.protocol == 1
    assert discovery.operator["de"] == "KV Beispiel"
    assert discovery.contact["de"].telephone == "+49 391 1234567"
    assert discovery.factors == (Factor.FIDO2, Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP)
    assert discovery.poll_after_s == 900
    status, nothing, _ = portal.ask("GET", "/.well-known/flexnet", headers={"If-None-Match": headers["etag"]})
    assert (status, nothing) == (304, {})


def test_a_notice_appears_and_is_withdrawn(portal: PortalUnderTest) -> None:
    services = ("--affected", "KVSAonline", "--still-working", "E-Mail")
    texts = ("--text", "de=Wartung am Abend", "--text", "en=Maintenance tonight")
    (line,) = portal.admin("notice", "add", "--from", "2026-01-01T20:00Z", "--to", "2100-01-01", *services, *texts)
    notice_id = line.split()[1]

    def told() -> list[dict[str, object]]:
        notices = portal.ask("GET", "/.well-known/flexnet")[1]["notices"]
        return [notice for notice in notices if notice["id"] == notice_id]

    (notice,) = told()
    assert notice["affected"] == ["KVSAonline"]
    assert notice["still_working"] == ["E-Mail"]
    assert notice["text"] == {"de": "Wartung am Abend", "en": "Maintenance tonight"}
    assert notice["starts_at"] == 1767297600
    portal.admin("notice", "withdraw", notice_id)
    assert told() == []


def test_problems_are_problem_documents(portal: PortalUnderTest) -> None:
    status, told, headers = portal.ask("POST", "/v1/logins", b"{}")
    assert headers["content-type"] == "application/problem+json"
    assert headers["cache-control"] == "no-store"
    assert (told["status"], told["type"], told["title"]) == (
        status,
        "urn:flexnet:problem:FN-115",
        "request malformed",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "message"),
        (b"\xff", "message"),
        (b"[]", "message"),
        (b'{"a":1,"a":2}', "message"),
        (b"[" * 10000, "message"),
        (b'{"username":NaN}', "message"),
        (json.dumps({**BEGIN, "extra": 1}).encode(), "extra"),
        (json.dumps({**BEGIN, "username": 1}).encode(), "username"),
        (json.dumps({**BEGIN, "username": ""}).encode(), "username"),
        (json.dumps({**BEGIN, "username": "x" * 129}).encode(), "username"),
        (json.dumps({**BEGIN, "username": "al\0ice"}).encode(), "username"),
        (json.dumps({**BEGIN, "username": "al\ud800ice"}).encode(), "username"),
        (json.dumps({**BEGIN, "factor": "telepathy"}).encode(), "factor"),
        (json.dumps({**BEGIN, "public_key": "AAAA"}).encode(), "public_key"),
        (json.dumps({k: v for k, v in BEGIN.items() if k != "factor"}).encode(), "factor"),
        (b'{"username":"' + b"x" * 70000 + b'"}', "message"),
    ],
)
def test_a_malformed_request_is_named_by_its_field(portal: PortalUnderTest, body: bytes, field: str) -> None:
    status, told, _ = portal.ask("POST", "/v1/logins", body)
    assert (status, told["code"], told["facts"]) == (400, "FN-115", {"field": field})


def test_what_is_not_there_or_not_asked_so_is_a_problem_too(portal: PortalUnderTest) -> None:
    assert portal.ask("GET", "/nothing")[1]["code"] == "FN-704"
    status, told, _ = portal.ask("GET", "/v1/logins")
    assert (status, told["code"]) == (405, "FN-115")


def test_an_old_client_is_told_which_is_the_oldest(portal: PortalUnderTest) -> None:
    body = json.dumps({**BEGIN, "client_version": "0.0.9"}).encode()
    status, told, _ = portal.ask("POST", "/v1/logins", body)
    assert (status, told["code"], told["facts"]) == (426, "FN-112", {"oldest": "0.1"})


def test_a_factor_that_this_portal_does_not_take_is_refused_at_the_beginning(portal: PortalUnderTest) -> None:
    with pytest.raises(Refused) as told:
        PortalClient(portal, factor=Factor.EMERGENCY_CODE).begin()
    assert (told.value.code, told.value.facts) == ("FN-207", {"factor": "emergency-code", "weakest": "yubico-otp"})


def test_tls_older_than_1_3_is_refused(portal: PortalUnderTest) -> None:
    context = ssl.create_default_context(cafile=str(portal.ca_file))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = http.client.HTTPSConnection("127.0.0.1", portal.port, timeout=10, context=context)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connection.request("GET", "/.well-known/flexnet")
    connection.close()


def test_plain_http_gets_nothing(portal: PortalUnderTest) -> None:
    with socket.create_connection(("127.0.0.1", portal.port), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"HTTP/1.1 200" not in plain.recv(1000)


def test_the_origin_comes_from_the_configuration_never_from_host(portal: PortalUnderTest) -> None:
    client = PortalClient(portal, headers={"Host": "phisher.example"})
    assert client.sign_in().audience == portal.origin


def test_a_database_that_does_not_answer_is_busy_not_broken(own_portal: PortalUnderTest) -> None:
    with contextlib.closing(sqlite3.connect(own_portal.folder / "portal.db", isolation_level=None)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        status, _, _ = own_portal.ask("GET", "/.well-known/flexnet")
        assert status == 200, "readers wait for nobody"
        with pytest.raises(Refused) as refused:
            PortalClient(own_portal).sign_in()
        assert (refused.value.status, refused.value.code, refused.value.facts) == (503, "FN-110", {"retry_after_s": 5})
    assert PortalClient(own_portal).sign_in().configs

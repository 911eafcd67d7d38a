"""What a monitoring system reads, on its own port and nowhere else, without a word about a member."""

from __future__ import annotations

import http.client
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import PASSWORD, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

QUICK = "[sessions]\ngateway-wait-ms = 1500\naddress-rest-s = 0\n"
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*)\})? (-?\d+)')
Metrics = dict[tuple[str, str], int]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PortalUnderTest]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with portal_on_loopback(tmp_path, more_config=f'{QUICK}[metrics]\naddress = "127.0.0.1:{port}"\n') as made:
        yield made


def asked(portal: PortalUnderTest) -> str:
    assert portal.config.metrics is not None
    connection = http.client.HTTPConnection("127.0.0.1", portal.config.metrics.port, timeout=30)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        return answer.read().decode()
    finally:
        connection.close()


def read(portal: PortalUnderTest) -> Metrics:
    """By name and labels; every line must be of the format."""
    found: Metrics = {}
    for line in asked(portal).splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge))", line), line
            continue
        told = LINE.fullmatch(line)
        assert told, line
        found[told[1], told[2] or ""] = int(told[3])
    return found


def test_sign_ins_are_counted_by_how_they_went(portal: PortalUnderTest) -> None:
    client = PortalClient(portal)
    claims = client.sign_in()
    client.renew(claims)
    for _ in range(2):
        with pytest.raises(Refused):
            client.sign_in(password="wrong password")
    key = OtpKey()
    portal.add_user("typing")
    portal.enrol_otp("typing", key)
    Visitor(portal).sign_in("typing", key.press())
    Visitor(portal).sign_in("typing", key.press(), "wrong password")
    counted = {labels: value for (name, labels), value in read(portal).items() if name == "flexnet_sign_ins_total"}
    assert counted == {
        'outcome="ok",way="sign-in"': 1,
        'outcome="FN-201",way="sign-in"': 2,
        'outcome="ok",way="renewal"': 1,
        'outcome="ok",way="pages"': 1,
        'outcome="FN-201",way="pages"': 1,
    }


def test_the_state_of_sessions_and_gateways_is_told(portal: PortalUnderTest) -> None:
    free = read(portal)["flexnet_addresses_free", ""]
    PortalClient(portal).sign_in()
    told = read(portal)
    assert told["flexnet_database_up", ""] == 1
    assert told["flexnet_sessions", 'state="active"'] == 1
    assert told["flexnet_sessions", 'state="pending"'] == 0
    assert told["flexnet_addresses_free", ""] == free - 1
    assert told["flexnet_gateway_peers", 'gateway="gw1"'] == 1
    assert told["flexnet_gateway_peers_alive", 'gateway="gw1"'] == 0
    assert 0 <= told["flexnet_gateway_seen_seconds", 'gateway="gw1"'] < 60
    assert told["flexnet_gateway_state", 'gateway="gw1",state="active"'] == 1
    for name, labels in (
        ("flexnet_certificate_ends_seconds", 'certificate="clients"'),
        ("flexnet_certificate_ends_seconds", 'certificate="agents-authority"'),
        ("flexnet_gateway_certificate_ends_seconds", 'gateway="gw1"'),
    ):
        assert told[name, labels] > time.time() + 86400
    until(lambda: read(portal)["flexnet_gateway_lag_revisions", 'gateway="gw1"'] == 0, 10, "the gateway to confirm")
    portal.gateway.confirming = False
    with pytest.raises(Refused):
        PortalClient(portal).sign_in()
    assert read(portal)["flexnet_gateway_lag_revisions", 'gateway="gw1"'] > 0


def test_nothing_about_a_member_is_in_it_and_nobody_else_gets_it(portal: PortalUnderTest) -> None:
    claims = PortalClient(portal).sign_in()
    told = asked(portal)
    for word in ("alice", PASSWORD, claims.session, "127.0.0.1", "10.90.0.", claims.token.reveal()):
        assert word not in told
    assert portal.ask("GET", "/metrics")[0] == 404, "not on the clients' listener"
    assert portal.gateway.ask("GET", "/metrics")[0] == 404, "nor on the gateways'"


def test_a_database_that_does_not_answer_is_a_number(portal: PortalUnderTest) -> None:
    database = sqlite3.connect(portal.folder / "portal.db")
    database.execute("ALTER TABLE gateways RENAME TO away")
    told = read(portal)
    assert told["flexnet_database_up", ""] == 0
    assert ("flexnet_sessions", 'state="active"') not in told
    assert told["flexnet_certificate_ends_seconds", 'certificate="clients"'] > 0
    database.execute("ALTER TABLE away RENAME TO gateways")
    database.close()
    assert read(portal)["flexnet_database_up", ""] == 1

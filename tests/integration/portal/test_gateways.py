"""Gateways' agents at the real portal, over mutual TLS."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from pathlib import Path

import pytest

from flexnetd.wire.gateway import Applied, PeerStatistics
from flexnetd.wire.json_codec import encode
from tests.bed.portal_on_loopback import PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused


def test_no_gateway_confirms_so_the_session_is_undone(own_portal: PortalUnderTest) -> None:
    own_portal.gateway.confirming = False
    before = time.monotonic()
    with pytest.raises(Refused) as told:
        PortalClient(own_portal).sign_in()
    assert (told.value.status, told.value.code) == (503, "FN-214")
    assert time.monotonic() - before < 5
    assert own_portal.admin("session", "list") == []
    own_portal.gateway.confirming = True
    own_portal.gateway.await_peers(lambda peers: not peers)
    assert PortalClient(own_portal).sign_in().configs


def test_without_any_gateway_it_is_said_at_once(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, gateways=0) as portal:
        with pytest.raises(Refused) as told:
            PortalClient(portal).sign_in()
        assert told.value.code == "FN-214"


def test_one_gateway_suffices_and_the_silent_one_is_left_out(own_portal: PortalUnderTest) -> None:
    silent = own_portal.add_gateway("gw2")
    silent.confirming = False
    (config,) = PortalClient(own_portal).sign_in().configs
    assert "Endpoint = gw1.example:51820" in config


def test_every_gateway_has_a_preshared_key_of_its_own(own_portal: PortalUnderTest) -> None:
    own_portal.add_gateway("gw2")
    own_portal.gateways[1].await_peers(lambda _peers: own_portal.gateways[1].revision is not None)
    claims = PortalClient(own_portal).sign_in()
    keys = [
        line.removeprefix("PresharedKey = ")
        for config in claims.configs
        for line in config.splitlines()
        if line.startswith("PresharedKey")
    ]
    assert len(keys) == len(set(keys)) == 2
    assert [gateway.peers[claims.public_key].preshared_key.reveal() for gateway in own_portal.gateways] == keys


def test_a_drained_gateway_takes_no_new_session_and_keeps_the_old(own_portal: PortalUnderTest) -> None:
    own_portal.add_gateway("gw2")
    old = PortalClient(own_portal).sign_in()
    own_portal.admin("gateway", "drain", "gw1")
    (config,) = PortalClient(own_portal).sign_in().configs
    assert "gw2.example" in config
    assert old.public_key in own_portal.gateway.peers


def test_a_silent_gateway_makes_the_sign_out_a_promise(own_portal: PortalUnderTest) -> None:
    claims = PortalClient(own_portal).sign_in()
    own_portal.gateway.confirming = False
    status, told, _ = own_portal.ask("DELETE", "/v1/session", token=claims.token.reveal())
    assert status == 202
    assert told["gone_by"] == pytest.approx(claims.server_time + 300, abs=10), "the isolation limit"


def test_a_session_ended_by_the_helpdesk_leaves_the_gateway(own_portal: PortalUnderTest) -> None:
    claims = PortalClient(own_portal).sign_in()
    own_portal.admin("session", "end", claims.session)
    own_portal.gateway.await_peers(lambda peers: claims.public_key not in peers)


def test_a_restart_of_the_portal_loses_nothing(own_portal: PortalUnderTest) -> None:
    claims = PortalClient(own_portal).sign_in()
    own_portal.kill()
    own_portal.start()
    status, view, _ = own_portal.ask("GET", "/v1/session", token=claims.token.reveal())
    assert (status, view["session"]) == (200, claims.session)
    assert PortalClient(own_portal).renew(claims).configs == claims.configs
    other = PortalClient(own_portal).sign_in()
    own_portal.gateway.await_peers(lambda peers: {claims.public_key, other.public_key} <= set(peers))


def test_peers_carry_their_end_and_leave_the_list_at_it(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config="[sessions]\nlength-s = 2\ntotal-s = 2\n") as portal:
        claims = PortalClient(portal).sign_in()
        assert portal.gateway.peers[claims.public_key].ends_in_s in (1, 2)
        deadline = time.monotonic() + 10
        while peers_now(portal):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert portal.ask("GET", "/v1/session", token=claims.token.reveal())[1]["code"] == "FN-215"


def peers_now(portal: PortalUnderTest) -> list[object]:
    status, body = portal.gateway.ask("GET", "/v1/gateway/peers")
    assert status == 200
    peers = json.loads(body)["peers"]
    assert isinstance(peers, list)
    return peers


def test_statistics_are_taken_and_bad_messages_are_named(portal: PortalUnderTest) -> None:
    claims = PortalClient(portal).sign_in()
    told = Applied(0, (PeerStatistics(claims.public_key, 10, 20, 3), PeerStatistics(bytes(32), 1, 2, None)))
    assert portal.gateway.ask("POST", "/v1/gateway/applied", encode(told)) == (204, b"")
    for path, body in (("/v1/gateway/applied", b'{"revision": true}'), ("/v1/gateway/applied", b"[]")):
        status, answer = portal.gateway.ask("POST", path, body)
        assert (status, json.loads(answer)["code"]) == (400, "FN-115")
    status, answer = portal.gateway.ask("GET", "/v1/gateway/peers?since=-1")
    assert (status, json.loads(answer)["facts"]) == (400, {"field": "since"})


def test_a_gateway_cannot_confirm_what_it_was_never_told(own_portal: PortalUnderTest) -> None:
    own_portal.gateway.confirming = False
    own_portal.gateway.ask("POST", "/v1/gateway/applied", encode(Applied(10**9)))
    with pytest.raises(Refused) as told:
        PortalClient(own_portal).sign_in()
    assert told.value.code == "FN-214"


def without_certificate(portal: PortalUnderTest, context: ssl.SSLContext) -> int:
    connection = http.client.HTTPSConnection("127.0.0.1", portal.gateway_port, timeout=10, context=context)
    try:
        connection.request("GET", "/v1/gateway/peers")
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_gateways_listener_answers_nobody_without_a_certificate(portal: PortalUnderTest) -> None:
    context = ssl.create_default_context(cafile=str(portal.config.agents_authority))
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        without_certificate(portal, context)


def test_a_certificate_that_was_replaced_names_nobody(own_portal: PortalUnderTest) -> None:
    folder = own_portal.folder
    files = ("--certificate-out", str(folder / "again.pem"), "--key-out", str(folder / "again-key.pem"))
    own_portal.admin("gateway", "certificate", "gw1", *files)
    status, body = own_portal.gateway.ask("GET", "/v1/gateway/peers")
    assert (status, json.loads(body)["code"]) == (403, "FN-708")


def test_clients_listener_and_gateways_listener_serve_their_own_only(portal: PortalUnderTest) -> None:
    assert portal.ask("GET", "/v1/gateway/peers")[1]["code"] == "FN-704"
    status, body = portal.gateway.ask("GET", "/.well-known/flexnet")
    assert (status, json.loads(body)["code"]) == (404, "FN-704")

"""DefGuard's gateways had the database. Here a gateway's certificate reads and confirms its own peers and no other's.

The portal's half; that an isolated agent removes its peers by itself is the agent's.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flexnetd.wire.gateway import LONGEST_PEERS, Applied, PeerList, PeerStatistics
from flexnetd.wire.json_codec import decode, encode
from tests.bed.portal_on_loopback import GatewayOnLoopback, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

QUICK = "[sessions]\ngateway-wait-ms = 700\n"


def list_of(gateway: GatewayOnLoopback) -> PeerList:
    status, body = gateway.ask("GET", "/v1/gateway/peers")
    assert status == 200
    return decode(PeerList, body, LONGEST_PEERS)


def test_gateway_sees_its_own(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK, gateways=2) as portal:
        one, two = portal.gateways
        both = PortalClient(portal).sign_in()
        portal.admin("gateway", "drain", "gw2")
        alone = PortalClient(portal).sign_in()
        hers, his = list_of(one), list_of(two)
        assert {peer.public_key for peer in hers.peers} == {both.public_key, alone.public_key}
        assert {peer.public_key for peer in his.peers} == {both.public_key}, "what it does not carry it does not see"
        keys = {gateway.name: peers.peers[0].preshared_key for gateway, peers in ((one, hers), (two, his))}
        assert keys["gw1"] != keys["gw2"]
        texts = json.dumps([peer.preshared_key.reveal() for peer in his.peers])
        assert not any(peer.preshared_key.reveal() in texts for peer in hers.peers)


def test_a_gateway_confirms_for_itself_alone(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK, gateways=2) as portal:
        one, two = portal.gateways
        two.confirming = False
        for revision in range(20):
            one.ask("POST", "/v1/gateway/applied", encode(Applied(revision)))
        (config,) = PortalClient(portal).sign_in().configs
        assert "gw1.example" in config, "gw2 has confirmed nothing, whatever gw1 says"
        one.confirming = False
        with pytest.raises(Refused) as told:
            PortalClient(portal).sign_in()
        assert told.value.code == "FN-214"


def test_a_gateways_statistics_touch_its_own_peers_alone(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK) as portal:
        claims = PortalClient(portal).sign_in()
        portal.admin("gateway", "drain", "gw1")
        other = portal.add_gateway("gw2")
        told = Applied(0, (PeerStatistics(claims.public_key, 1, 2, 3),))
        assert other.ask("POST", "/v1/gateway/applied", encode(told))[0] == 204
        assert list_of(other).peers == ()
        assert {peer.public_key for peer in list_of(portal.gateway).peers} == {claims.public_key}

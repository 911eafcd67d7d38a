"""Signing in at the real portal, over TLS."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from tests.bed.portal_on_loopback import PortalUnderTest
from tests.integration.portal.client import PortalClient


def test_a_password_and_a_touch_bring_a_grant(portal: PortalUnderTest) -> None:
    claims = PortalClient(portal).sign_in()
    (config,) = claims.configs
    lines = dict(line.split(" = ", 1) for line in config.splitlines() if " = " in line)
    address, address6 = lines["Address"].split(", ")
    assert IPv4Network(address).subnet_of(IPv4Network("10.90.0.0/24"))
    assert IPv6Network(address6).subnet_of(IPv6Network("fd90::/64"))
    assert lines["AllowedIPs"] == "10.91.0.0/16, fd91::/48"
    assert lines["Endpoint"] == "gw1.example:51820"
    assert lines["DNS"] == "10.91.0.53"
    assert lines["MTU"] == "1420"
    assert "PrivateKey" not in config
    peer = portal.gateway.peers[claims.public_key]
    assert peer.allowed_ips == (address, address6)
    assert peer.preshared_key.reveal() == lines["PresharedKey"]

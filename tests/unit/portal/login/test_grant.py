"""What a session is granted, as its texts read."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from flexnetd.model.factor import Factor
from flexnetd.model.secret import Secret
from flexnetd.portal.config import Network
from flexnetd.portal.login.grant import configuration_text, grant_claims
from flexnetd.portal.storage.sessions import Hop, Session, SessionState

FULL = Network(
    pool=ip_network("10.90.0.0/24"),
    pool6=ip_network("fd90::/64"),
    prefixes=(ip_network("10.91.0.0/16"), ip_network("fd91::/48")),
    resolvers=(ip_address("10.91.0.53"), ip_address("fd91::53")),
    domains=("kv.example",),
    check="10.91.0.80:80",
    mtu=1380,
    keepalive_s=25,
)
BARE = Network(FULL.pool, None, FULL.prefixes[:1], (), (), "", 1420, 0)
SESSION = Session(
    "s1", "u1", "alice", Factor.YUBIKEY_HMAC, bytes(32), "10.90.0.2", "fd90::2", SessionState.ACTIVE, 100, 500, 900
)
HOP = Hop("gw1", b"\x01" * 32, "gw1.example:51820", Secret("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="))


def test_a_full_configuration() -> None:
    assert configuration_text(FULL, SESSION, HOP) == (
        "[Interface]\n"
        "Address = 10.90.0.2/32, fd90::2/128\n"
        "DNS = 10.91.0.53, fd91::53\n"
        "MTU = 1380\n"
        "\n"
        "[Peer]\n"
        "PublicKey = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        "PresharedKey = AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n"
        "AllowedIPs = 10.91.0.0/16, fd91::/48\n"
        "Endpoint = gw1.example:51820\n"
        "PersistentKeepalive = 25\n"
    )


def test_a_bare_configuration() -> None:
    session = Session(
        "s1", "u1", "alice", Factor.YUBIKEY_HMAC, bytes(32), "10.90.0.2", None, SessionState.ACTIVE, 1, 2, 3
    )
    assert configuration_text(BARE, session, HOP) == (
        "[Interface]\n"
        "Address = 10.90.0.2/32\n"
        "MTU = 1420\n"
        "\n"
        "[Peer]\n"
        "PublicKey = AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        "PresharedKey = AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n"
        "AllowedIPs = 10.91.0.0/16\n"
        "Endpoint = gw1.example:51820\n"
    )


def test_durations_count_from_the_servers_time() -> None:
    claims = grant_claims("https://p", FULL, SESSION, (HOP,), Secret("t" * 43), bytes(32), 200)
    assert (claims.server_time, claims.ends_in_s, claims.renew_in_s) == (200, 300, 700)
    late = grant_claims("https://p", FULL, SESSION, (HOP,), Secret("t" * 43), bytes(32), 950)
    assert late.renew_in_s == 0


@pytest.mark.parametrize("endpoint", ["gw1.example:51820\nPostUp = id", "gw1.example", "gw1 example:51820"])
def test_an_endpoint_that_is_none_gets_into_no_configuration(endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        configuration_text(FULL, SESSION, replace(HOP, endpoint=endpoint))

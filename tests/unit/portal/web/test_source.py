"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from flexnetd.portal.web.source import client_address, source_of

PROXIES = (ip_network("192.0.2.0/28"), ip_network("2001:db8::/64"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "203.0.113.9"),
        ("192.0.2.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("192.0.2.1", "203.0.113.9, 192.0.2.2", "203.0.113.9"),
        ("192.0.2.1", "203.0.113.9, nonsense", "192.0.2.1"),
        ("2001:db8::1", "203.0.113.9", "203.0.113.9"),
        ("2001:db8:1::1", "203.0.113.9", "2001:db8:1::1"),
        ("::ffff:192.0.2.1", "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_the_header_is_believed_only_as_far_as_proxies_reach(peer: str, forwarded: str, client: str) -> None:
    assert str(client_address(peer, forwarded, PROXIES)) == client


def test_a_site_has_all_of_its_64() -> None:
    one, other = (client_address(peer, "", ()) for peer in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1"))
    assert source_of(one) == source_of(other) == "2001:db8:1:2::/64"
    assert source_of(client_address("203.0.113.9", "", ())) == "203.0.113.9"

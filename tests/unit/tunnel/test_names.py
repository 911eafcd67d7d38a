"""What systemd-resolved says of a link, as a value. The talk with it is tested in tests/integration/tunnel/."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from flexnetd.tunnel.names import names_from_properties
from flexnetd.tunnel.state import LinkNames

CLOSED: dict[str, Any] = {
    "DNS": [(2, bytes([10, 88, 0, 53])), (10, ip_address("fd00:88::53").packed)],
    "Domains": [("Intranet.example", True), ("a.example", True)],
    "DefaultRoute": False,
    "DNSSEC": "no",
    "DNSOverTLS": "no",
    "LLMNR": "no",
    "MulticastDNS": "no",
}


def test_servers_in_their_order_and_domains_in_the_alphabets() -> None:
    assert names_from_properties(CLOSED) == LinkNames(
        (ip_address("10.88.0.53"), ip_address("fd00:88::53")), ("a.example", "intranet.example"), closed=True
    )


@pytest.mark.parametrize(
    "opened",
    [
        {"DefaultRoute": True},
        {"DNSSEC": "allow-downgrade"},
        {"DNSOverTLS": "opportunistic"},
        {"LLMNR": "yes"},
        {"MulticastDNS": "resolve"},
        {"Domains": [("intranet.example", False)]},
    ],
)
def test_what_is_open(opened: dict[str, Any]) -> None:
    found = names_from_properties(CLOSED | opened)
    assert found is not None
    assert not found.closed


def test_a_link_that_nobody_gave_names_to() -> None:
    assert names_from_properties({"DNS": [], "Domains": [], "DefaultRoute": True, "LLMNR": "yes"}) is None
    assert names_from_properties({}) is None

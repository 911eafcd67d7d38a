from __future__ import annotations

import pytest

from flexnetd.worker.captive import page_url, plain_authority


@pytest.mark.parametrize(
    ("origin", "authority"),
    [
        ("https://a.example", "a.example"),
        ("https://a.example:8443", "a.example"),
        ("https://[2001:db8::1]", "[2001:db8::1]"),
        ("https://[2001:db8::1]:8443", "[2001:db8::1]"),
    ],
)
def test_the_plain_page_is_at_the_portals_host_and_port_80(origin: str, authority: str) -> None:
    assert plain_authority(origin) == authority
    assert page_url(origin) == f"http://{authority}/.well-known/flexnet-alive"

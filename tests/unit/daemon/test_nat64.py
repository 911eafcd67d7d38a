from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from flexnetd.daemon.nat64 import embedded

GATEWAY = IPv4Address("198.51.100.20")


@pytest.mark.parametrize(
    ("told", "gateway"),
    [
        ("2001:db8:c000:aa::", "2001:db8:c633:6414::"),
        ("2001:db8:1c0:0:aa::", "2001:db8:1c6:3364:14::"),
        ("2001:db8:122:c000:0:aa00::", "2001:db8:122:c633:64:1400::"),
        ("2001:db8:122:3c0:0:aa::", "2001:db8:122:3c6:33:6414::"),
        ("2001:db8:122:344:c0:0:aa00::", "2001:db8:122:344:c6:3364:1400:0"),
        ("2001:db8:122:344::c000:aa", "2001:db8:122:344::c633:6414"),
        ("64:ff9b::c000:ab", "64:ff9b::c633:6414"),
    ],
    ids=["/32", "/40", "/48", "/56", "/64", "/96", "the well-known one"],
)
def test_the_address_stands_where_the_known_one_stood(told: str, gateway: str) -> None:
    """The prefixes are those of RFC 6052's own examples."""
    assert [str(address) for address in embedded(GATEWAY, (told,))] == [gateway]


@pytest.mark.parametrize("told", ["192.0.0.170", "2001:db8::1", "", "64:ff9b::c000:aa%eth0", "nonsense", "::"])
def test_what_tells_of_no_translator_makes_no_address(told: str) -> None:
    assert embedded(GATEWAY, (told,)) == ()


def test_one_translator_is_one_address_and_a_liars_thousand_are_two() -> None:
    assert len(embedded(GATEWAY, ("64:ff9b::c000:aa", "64:ff9b::c000:ab"))) == 1
    assert len(embedded(GATEWAY, tuple(f"2001:db8:{n:x}::c000:aa" for n in range(1, 1000)))) == 2

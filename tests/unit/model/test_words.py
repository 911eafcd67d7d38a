"""The small values: networks, origins, factors, notices, the words of session and bus."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from flexnetd.model.bus_names import error_name
from flexnetd.model.factor import Factor
from flexnetd.model.network import (
    Endpoint,
    HostPort,
    covers,
    domain_covers,
    host_port_from_origin,
)
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.session_words import PromptKind


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("10.0.0.0/8", "10.1.0.0/16", True),
        ("10.0.0.0/8", "10.0.0.0/8", True),
        ("10.1.0.0/16", "10.0.0.0/8", False),
        ("10.1.0.0/16", "10.2.0.0/16", False),
        ("2001:db8::/32", "2001:db8:1::/48", True),
        ("2001:db8:1::/48", "2001:db8::/32", False),
        ("0.0.0.0/0", "::/0", False),
        ("::/0", "10.0.0.0/8", False),
    ],
)
def test_a_prefix_covers_what_lies_in_it_and_is_of_its_family(outer: str, inner: str, expected: bool) -> None:
    assert covers(ip_network(outer), ip_network(inner)) is expected


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("example.org", "example.org", True),
        ("example.org", "a.b.Example.ORG.", True),
        ("example.org.", "example.org", True),
        ("example.org", "notexample.org", False),
        ("a.example.org", "example.org", False),
    ],
)
def test_a_domain_covers_itself_and_what_lies_under_it(outer: str, inner: str, expected: bool) -> None:
    assert domain_covers(outer, inner) is expected


@pytest.mark.parametrize(
    ("origin", "host", "port"),
    [
        ("https://a.example", "a.example", 443),
        ("https://a.example:8443", "a.example", 8443),
        ("https://192.0.2.1:8443", "192.0.2.1", 8443),
        ("https://[2001:db8::1]", "2001:db8::1", 443),
        ("https://[2001:db8::1]:8443", "2001:db8::1", 8443),
    ],
)
def test_an_origin_has_a_host_and_a_port(origin: str, host: str, port: int) -> None:
    assert host_port_from_origin(origin) == HostPort(host, port)


def test_ipv6_addresses_stand_in_brackets_before_a_port() -> None:
    assert str(HostPort("2001:db8::1", 1)) == "[2001:db8::1]:1"
    assert str(HostPort("a.example", 1)) == "a.example:1"
    assert str(Endpoint(ip_address("2001:db8::1"), 1)) == "[2001:db8::1]:1"
    assert str(Endpoint(ip_address("192.0.2.1"), 1)) == "192.0.2.1:1"


def test_factors_are_ordered_by_strength_and_a_bound_one_is_never_typed() -> None:
    assert sorted(Factor, key=lambda factor: factor.strength) == [
        Factor.EMERGENCY_CODE,
        Factor.OATH_HOTP,
        Factor.YUBICO_OTP,
        Factor.YUBIKEY_HMAC,
        Factor.FIDO2,
    ]
    assert {factor for factor in Factor if factor.bound} == {Factor.YUBIKEY_HMAC, Factor.FIDO2}
    assert all(factor.typed is not factor.bound for factor in Factor)
    # Any bound factor is stronger than any that can be relayed.
    assert min(f.strength for f in Factor if f.bound) > max(f.strength for f in Factor if not f.bound)


def test_a_notice_is_under_way_from_its_start_to_before_its_end() -> None:
    notice = Notice("n", NoticeKind.MAINTENANCE, 100, 200, (), (), {})
    assert [notice.under_way(now) for now in (99.9, 100, 199.9, 200)] == [False, True, True, False]


def test_what_is_secret_is_typed_unseen() -> None:
    assert {kind for kind in PromptKind if kind.hidden} == {
        PromptKind.PASSWORD,
        PromptKind.NEW_PASSWORD,
        PromptKind.PIN,
    }


def test_an_errors_bus_name_is_its_code_in_camel_case() -> None:
    assert error_name("IN_USE") == "org.flexnetd.FlexNet1.Error.InUse"

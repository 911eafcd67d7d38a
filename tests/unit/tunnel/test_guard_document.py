"""The guard as nft reads it, line by line; how it is known again; that no other text gets into it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from flexnetd.tunnel.guard_document import guard_document, guard_of, removal_document, tables_of
from flexnetd.tunnel.spec import Users
from tests.unit.tunnel.samples import spec

GUARD = guard_of(spec())


def rules(document: str) -> list[str]:
    """The document's lines without its layout and digest."""
    return [line.strip() for line in document.splitlines() if line.strip(" }") and "comment" not in line]


def test_the_guard_of_a_person() -> None:
    assert rules(guard_document(GUARD)) == [
        "add table inet flexnetd",
        "delete table inet flexnetd",
        "add table arp flexnetd",
        "delete table arp flexnetd",
        "table inet flexnetd {",
        "chain output {",
        "type filter hook output priority filter - 5; policy accept;",
        'oifname "lo" accept',
        'oifname "flexnet0" meta skuid 70001 accept',
        'oifname "flexnet0" meta skuid 992 ip daddr 10.88.0.80 tcp dport 80 accept',
        'oifname "flexnet0" meta skuid 993 ip daddr { 10.88.0.53/32 } meta l4proto { tcp, udp } th dport 53 accept',
        'oifname "flexnet0" meta skuid 0-4294967294 counter reject with icmpx admin-prohibited',
        'oifname "flexnet0" ct state established,related accept',
        'oifname "flexnet0" counter reject with icmpx admin-prohibited',
        "ip daddr { 10.88.0.0/16 } counter reject with icmpx admin-prohibited",
        "ip6 daddr { fd00:88::/48 } counter reject with icmpx admin-prohibited",
        "ip saddr { 10.89.0.7/32 } counter drop",
        "ip6 saddr { fd00:89::7/128 } counter drop",
        "chain input {",
        "type filter hook input priority filter - 5; policy accept;",
        'iifname "flexnet0" ct state established,related accept',
        'iifname "flexnet0" icmp type echo-request accept',
        'iifname "flexnet0" icmpv6 type echo-request accept',
        'iifname "flexnet0" counter drop',
        "chain forward {",
        "type filter hook forward priority filter - 5; policy accept;",
        'iifname "flexnet0" counter drop',
        'oifname "flexnet0" counter reject with icmpx admin-prohibited',
        "ip daddr { 10.88.0.0/16 } counter reject with icmpx admin-prohibited",
        "ip6 daddr { fd00:88::/48 } counter reject with icmpx admin-prohibited",
        "chain prerouting {",
        "type filter hook prerouting priority raw; policy accept;",
        'iifname != { "flexnet0", "lo" } ip daddr { 10.89.0.7/32 } counter drop',
        'iifname != { "flexnet0", "lo" } ip6 daddr { fd00:89::7/128 } counter drop',
        'iifname != { "flexnet0", "lo" } ip saddr { 10.88.0.0/16 } counter drop',
        'iifname != { "flexnet0", "lo" } ip6 saddr { fd00:88::/48 } counter drop',
        "table arp flexnetd {",
        "chain input {",
        "type filter hook input priority filter; policy accept;",
        "arp daddr ip { 10.89.0.7 } counter drop",
        "chain output {",
        "type filter hook output priority filter; policy accept;",
        "arp saddr ip { 10.89.0.7 } counter drop",
    ]


def output_rules(users: Users, **changed: object) -> list[str]:
    found = rules(guard_document(replace(guard_of(spec(**changed)), users=users)))
    return [line for line in found if line.startswith('oifname "flexnet0"')][:-1]


def test_a_tunnel_for_everybody_forwards_nothing_all_the_same() -> None:
    assert output_rules(Users(None, 992, 993)) == [
        'oifname "flexnet0" accept',
    ]
    assert 'oifname "flexnet0" counter reject with icmpx admin-prohibited' in rules(
        guard_document(replace(GUARD, users=Users(None, None, None)))
    )


def test_nobody_but_the_owner_where_there_is_neither_prober_nor_resolver() -> None:
    only_the_owner = [
        'oifname "flexnet0" meta skuid 70001 accept',
        'oifname "flexnet0" meta skuid 0-4294967294 counter reject with icmpx admin-prohibited',
        'oifname "flexnet0" ct state established,related accept',
        'oifname "flexnet0" counter reject with icmpx admin-prohibited',
    ]
    assert output_rules(Users(70001, None, None)) == only_the_owner
    assert output_rules(Users(70001, 992, 993), check=None, resolvers=()) == only_the_owner


def test_the_uid_0_owner_is_an_owner_and_not_everybody() -> None:
    assert 'oifname "flexnet0" meta skuid 0 accept' in output_rules(Users(0, None, None))


def test_a_tunnel_of_ipv6_alone() -> None:
    guard = guard_of(
        spec(
            addresses=(ip_interface("fd00:89::7/128"),),
            prefixes=(ip_network("fd00:88::/48"),),
            resolvers=(ip_address("fd00:88::53"),),
            check=None,
        )
    )
    document = guard_document(guard)
    assert "ip daddr" not in document
    assert "arp daddr" not in document
    assert "ip6 daddr { fd00:88::53/128 } meta l4proto { tcp, udp } th dport 53 accept" in document


def test_overlapping_prefixes_are_merged_because_a_set_refuses_them() -> None:
    prefixes = tuple(ip_network(text) for text in ("10.88.0.0/16", "10.88.7.0/24", "10.89.0.0/16", "192.168.7.0/24"))
    assert "ip daddr { 10.88.0.0/15, 192.168.7.0/24 }" in guard_document(replace(GUARD, prefixes=prefixes))


def test_what_is_read_back_is_known_by_comment_and_number_of_rules() -> None:
    inet, arp = tables_of(GUARD)
    assert (inet.rules, arp.rules) == (23, 2)
    assert inet.comment == arp.comment
    assert f'comment "{inet.comment}"' in guard_document(GUARD)


@pytest.mark.parametrize(
    "other",
    [
        replace(GUARD, users=Users(70002, 992, 993)),
        replace(GUARD, prefixes=GUARD.prefixes[:1]),
        replace(GUARD, addresses=(ip_interface("10.89.0.8/32"),)),
        replace(GUARD, resolvers=()),
        replace(GUARD, check=None),
        replace(GUARD, interface="flexnet1"),
    ],
)
def test_another_guard_has_another_comment(other: object) -> None:
    assert tables_of(other)[0].comment != tables_of(GUARD)[0].comment  # type: ignore[arg-type]


def test_removal_is_harmless_where_nothing_is_loaded() -> None:
    assert removal_document() == (
        "add table inet flexnetd\ndelete table inet flexnetd\nadd table arp flexnetd\ndelete table arp flexnetd\n"
    )


@pytest.mark.parametrize("name", ['flexnet0"', "flexnet0 x", "eth0", "flexnet", "flexnet0\n", "flexnet012345678", ""])
def test_no_interface_name_of_another_pattern_gets_here(name: str) -> None:
    with pytest.raises(ValueError, match="not a name of ours"):
        spec(interface=name)

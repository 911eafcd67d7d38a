"""On a LAN with IPv6 alone: what has IPv4 alone is behind the router's translator (NAT64), for names by its resolver
(DNS64) and for plain addresses by the prefix that it tells (RFC 7050)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE, Operator
from tests.bed.servers.nat64 import start_dns64, start_nat64
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.homes import NAT64_PREFIX, ROUTER_V6, ipv6_only_plan
from tests.bed.world.operator_plan import GATEWAY, GATEWAY2, GATEWAY_NAME, PORTAL, PORTAL_NAME, PUBLIC_NAME, PUBLIC_WEB
from tests.bed.world.world import World
from tests.integration.daemon.member import USERNAME, Member, member_at, member_at_a_workstation
from tests.integration.daemon.person import Person
from tests.integration.networks.conftest import stop_clean

pytestmark = pytest.mark.world

IPV4_ALONE = {PORTAL_NAME: (PORTAL,), GATEWAY_NAME: (GATEWAY,), PUBLIC_NAME: (PUBLIC_WEB,)}


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation(ipv6_only_plan(), resolver=ROUTER_V6) as member:
        start_nat64(member.world["router"])
        start_dns64(member.world["router"], IPV4_ALONE)
        yield member


def test_portal_and_gateway_are_reached_through_the_translator(member: Member, alice: Person) -> None:
    assert member.sign_in(alice) == ""
    assert alice.state(PROFILE) == "online"
    assert member.page() == PAGE_TEXT
    assert endpoint(member) in ip_network(NAT64_PREFIX)


def endpoint(member: Member) -> IPv6Address:
    shown = member.laptop.host.run(["wg", "show", "flexnet0", "endpoints"]).stdout
    return IPv6Address(shown.partition("[")[2].partition("]")[0])


def test_a_gateway_without_a_name_is_reached_at_the_translators_prefix() -> None:
    """Nobody can give its address another family but we ourselves (RFC 7050)."""
    plain = {"gateway": GATEWAY, "gateway2": GATEWAY2}
    with World(ipv6_only_plan()) as world, Operator(world, endpoints=plain) as operator:
        start_nat64(world["router"])
        start_dns64(world["router"], IPV4_ALONE)
        with member_at(world, operator, "laptop", USERNAME, resolver=ROUTER_V6) as member:
            member.laptop.daemon.start()
            with Person(member.laptop, ALICE) as alice:
                assert member.sign_in(alice) == ""
                assert member.page() == PAGE_TEXT
                assert endpoint(member) == ip_network(NAT64_PREFIX)[int(IPv4Address(GATEWAY))]
            stop_clean(member)

"""On a LAN with IPv6 alone: what has IPv4 alone is behind the router's translator (NAT64), for names by its resolver
(DNS64) and for plain addresses by the prefix that it tells (RFC 7050)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_network

import pytest

from tests.bed.operator.operator import PROFILE
from tests.bed.servers.nat64 import start_dns64, start_nat64
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.homes import NAT64_PREFIX, ROUTER_V6, ipv6_only_plan
from tests.bed.world.operator_plan import GATEWAY, GATEWAY_NAME, PORTAL, PORTAL_NAME, PUBLIC_NAME, PUBLIC_WEB
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person

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

"""Routes and tables as the kernel has them, and as values."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TypeVar

import pytest

from flexnetd.netlink import nftables
from flexnetd.netlink.links import link_of_name
from flexnetd.netlink.routes import Route, RouteKind, Way, add_route, delete_route, routes, way_to
from flexnetd.netlink.socket import NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket
from tests.bed.world.host import Host
from tests.integration.tunnel.place import GATEWAY, GATEWAY_V6, LAPTOP, LAPTOP_V6, Place

pytestmark = pytest.mark.world
T = TypeVar("T")


@pytest.fixture
def laptop(here: Place) -> Host:
    return here.world["laptop"]


@pytest.fixture
def eth0(laptop: Host) -> int:
    link = asked(laptop, lambda netlink: link_of_name(netlink, "eth0"))
    assert link is not None
    return link.index


def asked(host: Host, question: Callable[[NetlinkSocket], T], protocol: int = NETLINK_ROUTE) -> T:
    def ask() -> T:
        with NetlinkSocket(protocol) as netlink:
            return question(netlink)

    return host.within(ask)


def made(eth0: int) -> list[Route]:
    return [
        Route(ip_network("10.7.0.0/16"), RouteKind.UNICAST, eth0, None, 50, 99),
        Route(ip_network("10.7.0.0/16"), RouteKind.UNREACHABLE, 0, None, 0xFFFFFFFF, 99),
        Route(ip_network("10.8.0.0/16"), RouteKind.UNICAST, eth0, ip_address(GATEWAY), 0, 99, table=1000),
        Route(ip_network("10.9.0.0/16"), RouteKind.BLACKHOLE, 0, None, 7, 99),
        Route(ip_network("fd77::/48"), RouteKind.UNICAST, eth0, None, 50, 99),
        Route(ip_network("fd77::/48"), RouteKind.UNREACHABLE, 0, None, 0xFFFFFFFF, 99),
        Route(ip_network("fd78::/48"), RouteKind.UNICAST, eth0, ip_address(GATEWAY_V6), 9, 99, table=1000),
        Route(ip_network("fd79::/48"), RouteKind.PROHIBIT, 0, None, 7, 99),
    ]


def test_what_is_added_is_read_back_equal_and_can_be_deleted(laptop: Host, eth0: int) -> None:
    for route in made(eth0):
        asked(laptop, lambda netlink, route=route: add_route(netlink, route))  # type: ignore[misc]
        asked(laptop, lambda netlink, route=route: add_route(netlink, route))  # type: ignore[misc] # no error twice
        assert route in asked(laptop, routes)
        asked(laptop, lambda netlink, route=route: delete_route(netlink, route))  # type: ignore[misc]
        asked(laptop, lambda netlink, route=route: delete_route(netlink, route))  # type: ignore[misc]
        assert route not in asked(laptop, routes)


def test_the_routes_of_one_table_or_one_protocol(laptop: Host, eth0: int) -> None:
    every = made(eth0)
    for route in every:
        asked(laptop, lambda netlink, route=route: add_route(netlink, route))  # type: ignore[misc]
    of_protocol = asked(laptop, lambda netlink: routes(netlink, protocol=99))
    of_table = asked(laptop, lambda netlink: routes(netlink, table=1000))
    of_main = asked(laptop, lambda netlink: routes(netlink, table=254))
    for route in every:
        asked(laptop, lambda netlink, route=route: delete_route(netlink, route))  # type: ignore[misc]
    assert set(of_protocol) == set(every)
    assert set(of_table) == {route for route in every if route.table == 1000}
    assert {route for route in of_main if route.protocol == 99} == set(every) - set(of_table)
    assert {route.table for route in of_main} == {254}
    assert asked(laptop, lambda netlink: routes(netlink, table=4711)) == ()
    assert asked(laptop, lambda netlink: routes(netlink, protocol=98)) == ()


def test_several_next_hops_and_next_hops_of_the_other_family(here: Place, laptop: Host, eth0: int) -> None:
    here.on_laptop(
        "ip route add 10.7.0.0/16 proto 99 nexthop via 192.168.178.1 nexthop via 192.168.178.66",
        f"ip route add 10.8.0.0/16 proto 99 via inet6 {GATEWAY_V6} dev eth0",
    )
    found = {str(route.prefix): route for route in asked(laptop, routes) if route.protocol == 99}
    assert (found["10.7.0.0/16"].index, found["10.7.0.0/16"].gateway) == (0, None)
    assert (found["10.8.0.0/16"].index, found["10.8.0.0/16"].gateway) == (eth0, IPv6Address(GATEWAY_V6))
    here.on_laptop("ip route flush proto 99")


def test_the_way_to_an_address(here: Place, laptop: Host, eth0: int) -> None:
    def way(address: str) -> Way | None:
        return asked(laptop, lambda netlink: way_to(netlink, ip_address(address)))

    assert way(GATEWAY) == Way(eth0, None, ip_address(LAPTOP), None)
    assert way("203.0.113.9") == Way(eth0, ip_address(GATEWAY), ip_address(LAPTOP), None)
    assert way("2001:db8:9::9") == Way(eth0, ip_address(GATEWAY_V6), ip_address(LAPTOP_V6), None)
    here.on_laptop(
        "ip route add 10.7.0.0/16 via 192.168.178.1 mtu 1300",
        "ip route add prohibit 10.8.0.0/16",
        "ip -6 route add unreachable fd77::/48",
    )
    narrow = way("10.7.0.1")
    assert narrow is not None
    assert narrow.mtu == 1300
    assert way("10.8.0.1") is None
    assert way("fd77::1") is None
    here.on_laptop("ip route del 10.7.0.0/16", "ip route del prohibit 10.8.0.0/16", "ip -6 route del fd77::/48")


def test_a_table_its_comment_and_its_rules(here: Place, laptop: Host) -> None:
    def table(name: str) -> nftables.Table | None:
        return asked(laptop, lambda netlink: nftables.table(netlink, nftables.INET, name), NETLINK_NETFILTER)

    here.on_laptop(
        "nft 'add table inet one { comment \"told\"; }; add chain inet one a; add rule inet one a drop'",
        "nft 'add table inet two; add chain inet two a; add rule inet two a drop; add rule inet two a drop'",
        "nft add table inet three '{ flags dormant; }'",
    )
    assert table("one") == nftables.Table(nftables.INET, "one", "told", dormant=False, rules=1)
    assert table("two") == nftables.Table(nftables.INET, "two", "", dormant=False, rules=2)
    assert table("three") == nftables.Table(nftables.INET, "three", "", dormant=True, rules=0)
    assert table("four") is None
    here.on_laptop(*(f"nft delete table inet {name}" for name in ("one", "two", "three")))

"""What happens to the network beside us is told as events."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from ipaddress import ip_interface, ip_network

import pytest

from flexnetd.netlink.routes import Route, RouteKind, add_route
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkEvents, NetlinkSocket
from flexnetd.tunnel import watch as watching
from flexnetd.tunnel.watch import (
    AddressChanged,
    Author,
    Event,
    GuardTouched,
    GuardWatch,
    LinkChanged,
    NetworkWatch,
    Overrun,
    RouteChanged,
    RuleChanged,
)
from tests.bed.await_ import until
from tests.integration.tunnel.place import Place

pytestmark = pytest.mark.world


@pytest.fixture
def network(here: Place) -> Iterator[NetworkWatch]:
    made = here.world["laptop"].within(NetworkWatch)
    yield made
    made.close()


@pytest.fixture
def guard(here: Place) -> Iterator[GuardWatch]:
    made = here.world["laptop"].within(GuardWatch)
    yield made
    made.close()


def await_event(watch: NetworkWatch | GuardWatch, fits: Callable[[Event], bool], what: str) -> Event:
    seen: list[Event] = []

    def came() -> list[Event]:
        seen.extend(watch.events())
        return [event for event in seen if fits(event)]

    return until(came, what=what)[0]


def test_a_link_comes_and_goes(here: Place, network: NetworkWatch) -> None:
    def of_the_bridge(gone: bool) -> Callable[[Event], bool]:
        return lambda e: isinstance(e, LinkChanged) and e.link.name == "bridge7" and e.gone is gone

    here.on_laptop("ip link add bridge7 type bridge")
    await_event(network, of_the_bridge(gone=False), "the bridge")
    here.on_laptop("ip link del bridge7")
    await_event(network, of_the_bridge(gone=True), "the bridge's end")


@pytest.mark.parametrize("address", ["10.7.7.7/24", "fd77::7/64"])
def test_an_address_comes_and_goes(here: Place, network: NetworkWatch, address: str) -> None:
    def told(gone: bool) -> Callable[[Event], bool]:
        return lambda e: (
            isinstance(e, AddressChanged) and e.address.interface == ip_interface(address) and e.gone is gone
        )

    here.on_laptop(f"ip address add {address} dev eth0")
    await_event(network, told(gone=False), "the address")
    here.on_laptop(f"ip address del {address} dev eth0")
    await_event(network, told(gone=True), "the address's end")


@pytest.mark.parametrize(("prefix", "via"), [("10.7.0.0/16", "192.168.178.1"), ("fd77::/48", "2001:db8:0:1::1")])
def test_a_route_comes_and_goes(here: Place, network: NetworkWatch, prefix: str, via: str) -> None:
    def told(gone: bool) -> Callable[[Event], bool]:
        return lambda e: isinstance(e, RouteChanged) and e.route.prefix == ip_network(prefix) and e.gone is gone

    here.on_laptop(f"ip route add {prefix} via {via} proto 99")
    event = await_event(network, told(gone=False), "the route")
    assert isinstance(event, RouteChanged)
    assert (event.route.protocol, str(event.route.gateway)) == (99, via)
    here.on_laptop(f"ip route del {prefix} via {via}")
    await_event(network, told(gone=True), "the route's end")


@pytest.mark.parametrize("family", ["-4", "-6"])
def test_a_policy_rule_comes_and_goes(here: Place, network: NetworkWatch, family: str) -> None:
    here.on_laptop(f"ip {family} rule add lookup main priority 7")
    await_event(network, lambda e: e == RuleChanged(), "the rule")
    until(lambda: network.events() == (), what="silence")
    here.on_laptop(f"ip {family} rule del priority 7")
    await_event(network, lambda e: e == RuleChanged(), "the rule's end")


def test_whoever_touches_the_guard_is_noticed(here: Place, guard: GuardWatch) -> None:
    here.up()
    assert await_event(guard, lambda _: True, "the guard's loading") == GuardTouched()
    until(lambda: guard.events() == (), what="silence")
    here.on_laptop("nft add table inet other", "nft delete table inet other")
    assert guard.events() == ()
    here.on_laptop("nft flush ruleset")
    assert await_event(guard, lambda _: True, "the flush") == GuardTouched()


def test_it_is_told_who_touched_it(here: Place, network: NetworkWatch, guard: GuardWatch) -> None:
    here.up()
    event = await_event(guard, lambda _: True, "the guard's loading")
    assert event.by is None  # we ourselves
    until(lambda: guard.events() == (), what="silence")
    here.on_laptop("nft flush ruleset")
    event = await_event(guard, lambda _: True, "the flush")
    assert event.by is not None
    assert event.by.name == "nft"
    until(lambda: network.events() == (), what="silence")
    process = here.world["laptop"].call(route_added_by_this_process)
    event = await_event(network, lambda e: isinstance(e, RouteChanged), "the route")
    assert event.by == Author(process)
    here.on_laptop("ip route del 10.7.0.0/16")


def route_added_by_this_process() -> int:
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        add_route(netlink, Route(ip_network("10.7.0.0/16"), RouteKind.UNREACHABLE, 0, None, 0, 99))
    return os.getpid()


def test_without_anything_new_there_is_nothing(network: NetworkWatch, guard: GuardWatch) -> None:
    until(lambda: network.events() == (), what="silence")
    assert guard.events() == ()


def test_lost_events_are_told(here: Place) -> None:
    narrow = here.world["laptop"].within(NetlinkEvents, NETLINK_ROUTE, 0x40, 2048)
    routes = "\n".join(f"route add 10.7.{number}.0/24 via 192.168.178.1" for number in range(256))
    here.world["laptop"].run(["ip", "-batch", "-"], stdin=routes)
    here.world["laptop"].run(["ip", "-batch", "-"], stdin=routes.replace("add", "del"))
    assert watching.drained(narrow, lambda _: None) == (Overrun(),)
    narrow.close()

"""The other places to sign in from are what they are said to be."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from tests.bed.servers.dhcp import replug, start_dhcp_client, start_dhcp_server
from tests.bed.servers.nat64 import start_dns64, start_nat64
from tests.bed.servers.start import PUBLIC_TEXT, start_hotel, start_surroundings
from tests.bed.world import operator_plan as place
from tests.bed.world.homes import (
    LAPTOP_V6,
    ROUTER_V6,
    dhcp_plan,
    hotel_plan,
    ipv6_only_plan,
    two_laptops_plan,
    udp_blocking_plan,
)
from tests.bed.world.plan import Plan
from tests.bed.world.world import World

pytestmark = pytest.mark.world


@pytest.fixture(scope="module")
def hotel() -> Iterator[World]:
    yield from standing(hotel_plan)


@pytest.fixture(scope="module")
def company() -> Iterator[World]:
    yield from standing(udp_blocking_plan)


@pytest.fixture(scope="module")
def ipv6_only() -> Iterator[World]:
    yield from standing(ipv6_only_plan)


def standing(plan: Callable[[], Plan]) -> Iterator[World]:
    with World(plan()) as world:
        start_surroundings(world)
        yield world


def page(world: World, address: str, host: str = "laptop") -> str:
    """What the laptop gets at `address`; curl's complaint when it gets nothing."""
    got = world[host].run(["curl", "-sS", "-m", "3", f"http://{address}/"], check=False)
    return got.stdout or got.stderr


def test_a_guest_of_the_hotel_gets_its_page_and_nothing_else_until_they_accept(hotel: World) -> None:
    log = start_hotel(hotel["router"])
    guest = hotel["laptop"]
    redirected = guest.run(["curl", "-sS", "-i", f"http://{place.PUBLIC_WEB}/"]).stdout
    assert f"Location: http://{place.ROUTER}/" in redirected
    assert f"{place.LAPTOP} {place.PUBLIC_WEB} /\n" in log.log_text()
    for refused in (f"https://{place.PORTAL}/", f"http://{place.PORTAL}:8443/"):
        assert guest.run(["curl", "-sS", refused], check=False).returncode == 7  # at once, not left to time out
    assert guest.run(["ping", "-c1", "-W0.3", place.PUBLIC_WEB], check=False).returncode != 0
    assert "Hotel" in guest.run(["curl", "-sS", f"http://{place.ROUTER}/accept"]).stdout
    assert page(hotel, place.PUBLIC_WEB) == PUBLIC_TEXT


def test_the_company_lets_names_and_pages_through_and_no_other_datagram(company: World) -> None:
    assert page(company, place.PUBLIC_WEB) == PUBLIC_TEXT
    assert company["laptop"].within(answered, place.PUBLIC_RESOLVER, 53)
    for address in (place.GATEWAY, place.GATEWAY_V6):
        company["gateway"].start("echo", ["socat", f"UDP{'6' if ':' in address else '4'}-RECVFROM:51820,fork", "PIPE"])
        assert not company["laptop"].within(answered, address, 51820)


def answered(address: str, port: int) -> bool:
    """Whether anything comes back for a datagram (a question for a name, which is what the resolver understands)."""
    question = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x03www\x06public\x07example\0\0\x01\0\x01"
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.3)
        asker.sendto(question, (address, port))
        try:
            return bool(asker.recv(4096))
        except OSError:
            return False


def test_with_ipv6_alone_the_old_internet_is_behind_the_translator(ipv6_only: World) -> None:
    start_nat64(ipv6_only["router"])
    names = start_dns64(ipv6_only["router"], {place.PUBLIC_NAME: (place.PUBLIC_WEB,)})
    ipv6_only["laptop"].write_files({"/run/bed/resolv.conf": f"nameserver {ROUTER_V6}\n"})
    script = f"mount --bind /run/bed/resolv.conf $(realpath /etc/resolv.conf) && curl -sS http://{place.PUBLIC_NAME}/"
    assert ipv6_only["laptop"].run(["sh", "-c", script]).stdout == PUBLIC_TEXT
    assert f"{LAPTOP_V6} {place.PUBLIC_NAME} AAAA\n" in names.log_text()
    assert ipv6_only["laptop"].run(["ping", "-4", "-c1", place.PUBLIC_WEB], check=False).returncode != 0


def test_an_address_comes_by_dhcp_and_a_strangers_routes_with_it() -> None:
    with World(dhcp_plan()) as world:
        routes = {"0.0.0.0/0": place.ROUTER, "10.88.0.0/17": place.NEIGHBOUR}
        pool = ("192.168.178.100", "192.168.178.120")
        server = start_dhcp_server(world["router"], "lan", pool, place.ROUTER, routes)
        client = start_dhcp_client(world["laptop"])
        assert (
            world["laptop"]
            .run(["ip", "route", "get", place.PAGES])
            .stdout.startswith(f"{place.PAGES} via {place.NEIGHBOUR}")
        )
        assert f"via {place.ROUTER}" in world["laptop"].run(["ip", "route", "get", place.PUBLIC_WEB]).stdout
        server.stop()
        start_dhcp_server(world["router"], "lan", pool, place.ROUTER)
        replug(world["laptop"], client)
        assert f"via {place.ROUTER}" in world["laptop"].run(["ip", "route", "get", place.PAGES]).stdout


def test_two_laptops_are_one_address_to_the_internet() -> None:
    with World(two_laptops_plan()) as world:
        seen = start_surroundings(world)["public-page"]
        for host in ("laptop", "laptop2"):
            assert page(world, place.PUBLIC_WEB, host) == PUBLIC_TEXT
        assert seen.log_text().count("203.0.113.2 /") == 2


def test_a_pulled_cable_takes_the_routes_along_and_plugging_brings_all_back() -> None:
    with World(place.operator_plan()) as world:
        laptop = world["laptop"]
        pictures = ("ip -4 route", "ip -6 route", "ip -o -4 addr show dev eth0")

        def picture() -> list[str]:
            return [line for shown in pictures for line in sorted(laptop.run(["sh", "-c", shown]).stdout.splitlines())]

        before = picture()
        world.unplug("laptop")
        assert laptop.run(["ip", "route"]).stdout == ""
        world.plug("laptop")
        assert picture() == before
        laptop.run(["ping", "-c1", "-W2", place.PUBLIC_WEB])

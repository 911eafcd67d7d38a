"""Links and addresses of a real host, made, changed, read and deleted over netlink."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from ipaddress import ip_interface
from typing import Any, TypeVar

import pytest

from flexnetd.model.fault import Fault
from flexnetd.netlink import links
from flexnetd.netlink.socket import NETLINK_ROUTE, NetlinkEvents, NetlinkSocket, Overrun, errno_of
from tests.bed.world.host import Host
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World

pytestmark = pytest.mark.world

T = TypeVar("T")

NAME = "br7"
LINK_EVENTS = 1  # RTMGRP_LINK


@pytest.fixture
def host() -> Iterator[Host]:
    with World(Plan((), (HostPlan("alone"),))) as world:
        yield world["alone"]


def call(host: Host, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
    def within() -> T:
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            return function(netlink, *arguments, **named)

    return host.within(within)


def made(host: Host) -> links.Link:
    call(host, links.create_link, NAME, "bridge")
    link = call(host, links.link_of_name, NAME)
    assert link is not None
    return link


def test_a_made_link_is_found_by_name_and_index(host: Host) -> None:
    link = made(host)
    assert link == links.Link(link.index, NAME, "bridge", "", 1500, up=False)
    assert call(host, links.link_of_index, link.index) == link
    assert link in call(host, links.links)


def test_what_is_not_there_is_none(host: Host) -> None:
    assert call(host, links.link_of_name, NAME) is None
    assert call(host, links.link_of_index, 99) is None


def test_a_link_is_changed_in_what_is_given(host: Host) -> None:
    index = made(host).index
    call(host, links.change_link, index, alias="flexnetd", mtu=1400)
    call(host, links.change_link, index, up=True)
    assert call(host, links.link_of_index, index) == links.Link(index, NAME, "bridge", "flexnetd", 1400, up=True)
    call(host, links.change_link, index, up=False)
    assert call(host, links.link_of_index, index) == links.Link(index, NAME, "bridge", "flexnetd", 1400, up=False)


def test_a_taken_name_is_refused(host: Host) -> None:
    made(host)
    with pytest.raises(Fault) as caught:
        call(host, links.create_link, NAME, "bridge")
    assert errno_of(caught.value) == errno.EEXIST


def test_a_kind_that_the_kernel_does_not_know_is_refused(host: Host) -> None:
    with pytest.raises(Fault) as caught:
        call(host, links.create_link, NAME, "nosuchkind")
    assert errno_of(caught.value) == errno.EOPNOTSUPP


def test_deleting_is_done_once_and_may_be_repeated(host: Host) -> None:
    index = made(host).index
    call(host, links.delete_link, index)
    call(host, links.delete_link, index)
    assert call(host, links.link_of_name, NAME) is None


@pytest.mark.parametrize("text", ["10.77.0.1/24", "10.77.0.1/32", "fd77::1/64", "fd77::1/128"])
def test_an_address_comes_and_goes_and_both_may_be_repeated(host: Host, text: str) -> None:
    index = made(host).index
    address = ip_interface(text)
    for _ in range(2):
        call(host, links.add_address, index, address)
    assert call(host, links.addresses, index) == (links.LinkAddress(index, address),)
    for _ in range(2):
        call(host, links.delete_address, index, address)
    assert call(host, links.addresses, index) == ()


def test_addresses_of_every_link_are_listed(host: Host) -> None:
    index = made(host).index
    call(host, links.add_address, index, ip_interface("10.77.0.1/24"))
    found = call(host, links.addresses)
    assert links.LinkAddress(1, ip_interface("127.0.0.1/8")) in found
    assert links.LinkAddress(index, ip_interface("10.77.0.1/24")) in found


def test_an_address_on_a_link_that_is_not_there_is_refused(host: Host) -> None:
    with pytest.raises(Fault) as caught:
        call(host, links.add_address, 99, ip_interface("10.77.0.1/24"))
    assert errno_of(caught.value) == errno.ENODEV


def test_events_tell_of_a_new_link(host: Host) -> None:
    events = host.within(NetlinkEvents, NETLINK_ROUTE, LINK_EVENTS)
    assert events.drain(links.link_from_frame) == []
    made(host)
    assert NAME in {link.name for link in events.drain(links.link_from_frame)}
    events.close()


def test_lost_events_are_told_once(host: Host) -> None:
    events = host.within(NetlinkEvents, NETLINK_ROUTE, LINK_EVENTS, 2048)
    host.run(["ip", "-batch", "-"], stdin="".join(f"link add b{n} type bridge\n" for n in range(40)))
    with pytest.raises(Overrun):
        events.drain(links.link_from_frame)
    events.drain(links.link_from_frame)
    made(host)
    assert NAME in {link.name for link in events.drain(links.link_from_frame)}
    events.close()

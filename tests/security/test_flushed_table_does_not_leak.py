"""Debian's nftables.service begins with `flush ruleset`, and whoever restarts it takes the guard away. Until the daemon
has loaded it again the refusing routes hold; and it is loaded again in whatever state the session is."""

from __future__ import annotations

import time

import pytest

from flexnetd.daemon.watch.network import DEBOUNCE_S
from flexnetd.netlink.nftables import EVENT_GROUP
from flexnetd.netlink.socket import NETLINK_NETFILTER, NetlinkEvents
from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import NEIGHBOUR, PAGES
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.guarded import as_root, guarded, sent_by
from tests.security.wire_tap import WireTap

pytestmark = pytest.mark.world

NEW_GENERATION = 0x0A0F
"""What the kernel tells after each transaction of nftables (NFT_MSG_NEWGEN)."""


def test_without_us_it_would_leave(member: Member, tap: WireTap) -> None:
    """Else the tests below would prove nothing."""
    sent_by(member, ALICE)
    assert {one.interface for one in tap.leaked()} == {"eth0"}


def test_the_refusing_routes_hold_while_nobody_loads_it_again(member: Member, online: Person, tap: WireTap) -> None:
    member.laptop.daemon.kill()
    as_root(member, "nft flush ruleset", "ip link set flexnet0 down")
    for who in (ALICE, BOB):
        assert set(sent_by(member, who)) == {"EHOSTUNREACH"}
    as_root(member, "ip link set flexnet0 up")
    assert tap.leaked() == []
    member.laptop.daemon.start()
    until(lambda: guarded(member), 10, "the guard")
    assert member.page() == PAGE_TEXT


def test_it_is_loaded_again_once(member: Member, online: Person, tap: WireTap) -> None:
    transactions = member.laptop.host.within(NetlinkEvents, NETLINK_NETFILTER, 0)
    transactions.join(EVENT_GROUP)
    as_root(member, "nft flush ruleset")
    until(lambda: guarded(member), 10, "the guard")
    assert member.page() == PAGE_TEXT
    assert member.page(BOB) == ""
    settled = time.monotonic() + 3 * DEBOUNCE_S  # its own loading is an event to it, too
    until(lambda: time.monotonic() > settled)
    kinds = list(transactions.drain(lambda frame: frame.kind))
    assert kinds.count(NEW_GENERATION) == 2  # the flush and the loading
    transactions.close()
    assert tap.leaked() == []


def test_it_is_loaded_again_beside_a_conflict(member: Member, online: Person, tap: WireTap) -> None:
    """A rogue route and a flushed guard together are the one way out in the clear."""
    as_root(member, f"ip route add {PAGES}/32 via {NEIGHBOUR}")
    try:
        until(lambda: online.state(PROFILE) == "conflict", 10, "the conflict being told")
        as_root(member, "nft flush ruleset")
        until(lambda: guarded(member), 5, "the guard")
        tap.sent()
        for who in (ALICE, BOB):
            assert set(sent_by(member, who)) <= {"EPERM", "EHOSTUNREACH", "EACCES"}
        assert tap.leaked() == []
    finally:
        as_root(member, f"ip route del {PAGES}/32 via {NEIGHBOUR}")


def test_it_is_loaded_again_without_a_network(member: Member, online: Person, tap: WireTap) -> None:
    as_root(member, "ip route del default", "ip -6 route del default")
    try:
        until(lambda: online.state(PROFILE) == "waiting", 10, "the session waiting")
        as_root(member, "nft flush ruleset")
        until(lambda: guarded(member), 5, "the guard")
    finally:
        as_root(member, "ip route add default via 192.168.178.1", "ip -6 route add default via 2001:db8:0:1::1")
    assert tap.leaked() == []

"""Every change says in one line what it does."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network
from typing import get_args

import pytest

from flexnetd.netlink.routes import RouteKind
from flexnetd.tunnel.changes import (
    AddAddress,
    AddRoute,
    Change,
    LoadGuard,
    RemoveAddress,
    RemoveGuard,
    RemoveLink,
    RemoveRoute,
    RevertNames,
    SetDown,
    SetMtu,
    SetNames,
    SetPeer,
    SetUp,
)
from flexnetd.tunnel.guard_document import guard_of
from flexnetd.tunnel.plan import refusal, way
from flexnetd.tunnel.spec import Users
from flexnetd.tunnel.state import LinkNames
from tests.unit.tunnel.samples import OTHER_GATEWAY_KEY, PEER, spec

PREFIX = ip_network("10.88.0.0/16")
OWN = ip_interface("10.89.0.7/32")
NAMES = LinkNames((ip_address("10.88.0.53"),), ("a.example", "b.example"))
NOBODYS = guard_of(spec(prefixes=(), users=Users(None, None, None)))

LINES = {
    LoadGuard(guard_of(spec())): "load the guard: flexnet0 for uid 70001, 10.88.0.0/16, fd00:88::/48 by no other way",
    LoadGuard(NOBODYS): "load the guard: flexnet0 for everybody, nothing by no other way",
    RemoveGuard(): "remove the guard",
    SetMtu(7, 1400): "link 7: mtu 1400",
    SetPeer("flexnet0", PEER, (PREFIX,)): "flexnet0: peer AgICAgIC at 198.51.100.20:51820 for 10.88.0.0/16",
    SetPeer("flexnet0", PEER, (PREFIX,), (OTHER_GATEWAY_KEY,)): (
        "flexnet0: peer AgICAgIC at 198.51.100.20:51820 for 10.88.0.0/16, instead of AwMDAwMD"
    ),
    AddAddress(7, OWN): "link 7: add address 10.89.0.7/32",
    RemoveAddress(7, OWN): "link 7: remove address 10.89.0.7/32",
    SetUp(7): "link 7: up",
    SetDown(7): "link 7: down",
    AddRoute(way(PREFIX, 7)): "add route 10.88.0.0/16 by link 7 metric 50",
    AddRoute(refusal(PREFIX)): "add route 10.88.0.0/16 unreachable metric 4294967295",
    RemoveRoute(replace(refusal(PREFIX), kind=RouteKind.BLACKHOLE)): (
        "remove route 10.88.0.0/16 blackhole metric 4294967295"
    ),
    SetNames(7, NAMES): "link 7: a.example, b.example asked of 10.88.0.53",
    RevertNames(7): "link 7: no names",
    RemoveLink(7, "flexnet0"): "remove link 7 (flexnet0)",
}


@pytest.mark.parametrize(("change", "line"), LINES.items(), ids=lambda value: type(value).__name__)
def test_line(change: Change, line: str) -> None:
    assert str(change) == line


def test_no_kind_of_change_is_left_out() -> None:
    assert {type(change) for change in LINES} == set(get_args(Change))


def test_no_change_shows_a_key_that_is_secret() -> None:
    assert "SecretBytes(32 bytes)" in repr(SetPeer("flexnet0", PEER, ()))

"""What somebody undoes is put back three times a minute, each thing for itself."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network
from typing import get_args

import pytest

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
from flexnetd.tunnel.repairs import MOST, WITHIN_S, Repairs, thing_of
from flexnetd.tunnel.state import LinkNames
from tests.unit.tunnel.samples import PEER, spec

PREFIX = ip_network("10.88.0.0/16")
GUARD = LoadGuard(guard_of(spec()))
ROUTE = AddRoute(way(PREFIX, 7))
OWN = ip_interface("10.89.0.7/32")
THINGS: dict[Change, str] = {
    GUARD: "guard",
    SetMtu(7, 1400): "link",
    SetUp(7): "link",
    SetDown(7): "link",
    SetPeer("flexnet0", PEER, (PREFIX,)): "peer",
    AddAddress(7, OWN): "address 10.89.0.7/32",
    RemoveAddress(7, OWN): "address 10.89.0.7/32",
    ROUTE: "route 10.88.0.0/16",
    RemoveRoute(way(PREFIX, 3)): "route 10.88.0.0/16",
    SetNames(7, LinkNames((ip_address("10.88.0.53"),), ("intranet.example",))): "names",
    RevertNames(7): "names",
    RemoveLink(7, "flexnet0"): "",
    RemoveGuard(): "",
}


@pytest.mark.parametrize(("change", "thing"), THINGS.items(), ids=lambda value: type(value).__name__)
def test_what_a_change_is_about(change: Change, thing: str) -> None:
    assert thing_of(change) == thing


def test_no_kind_of_change_is_left_out() -> None:
    assert {type(change) for change in THINGS} == set(get_args(Change))


def repaired(*moments: float, change: Change = GUARD) -> Repairs:
    repairs = Repairs()
    for moment in moments:
        repairs = repairs.after((change,), moment)
    return repairs


def test_the_third_repair_within_a_minute_is_the_last() -> None:
    assert not repaired(0, 1).worn(GUARD, 2)
    assert repaired(0, 1, 2).worn(GUARD, 2)
    assert repaired(0, 1, 2).worn(GUARD, WITHIN_S - 1)


def test_after_a_minute_there_is_another_round() -> None:
    assert not repaired(0, 1, 2).worn(GUARD, WITHIN_S)
    assert repaired(0, 1, 2, WITHIN_S).made == (("guard", 1), ("guard", 2), ("guard", WITHIN_S))


def test_each_thing_counts_for_itself() -> None:
    assert not repaired(0, 1, 2).worn(ROUTE, 2)


def test_what_is_put_back_at_once_is_one_repair() -> None:
    both = (ROUTE, AddRoute(refusal(PREFIX)))
    repairs = Repairs().after(both, 0).after(both, 1)
    assert not repairs.worn(ROUTE, 1)
    assert repairs.after(both, 2).worn(ROUTE, 2)
    assert MOST == 3

"""Whose the link of our name is."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest

from flexnetd.netlink.links import Link
from flexnetd.tunnel.state import Ownership, TunnelState, ownership
from tests.unit.tunnel.samples import link


@pytest.mark.parametrize(
    ("there", "has_addresses", "whose"),
    [
        (link(), False, Ownership.OURS),
        (link(up=True), True, Ownership.OURS),
        (link(kind="tun"), True, Ownership.OURS),
        (link(alias=""), False, Ownership.HALF_MADE),
        (link(alias="", up=True), False, Ownership.FOREIGN),
        (link(alias=""), True, Ownership.FOREIGN),
        (link(alias="somebody's"), False, Ownership.FOREIGN),
        (link(kind="bridge"), False, Ownership.FOREIGN),
        (link(kind="bridge", alias=""), False, Ownership.FOREIGN),
    ],
)
def test_by_kind_alias_and_use(there: Link, has_addresses: bool, whose: Ownership) -> None:
    assert ownership(there, has_addresses) is whose


def test_no_link_is_nobodys() -> None:
    assert TunnelState().ownership is Ownership.ABSENT


def test_a_state_knows_whose_its_link_is() -> None:
    assert TunnelState(link=link()).ownership is Ownership.OURS
    assert TunnelState(link=link(alias=""), addresses=(ip_interface("10.0.0.1/8"),)).ownership is Ownership.FOREIGN

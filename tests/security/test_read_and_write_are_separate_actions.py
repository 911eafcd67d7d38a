"""CVE-2026-4948 (firewalld: a setter behind the reader's action). Here no reader asks at all, nothing can be set by a
property, and no action stands for two kinds of change."""

from __future__ import annotations

from collections import defaultdict

import pytest

from flexnetd.daemon.bus.actions import ACCESS
from flexnetd.model.bus_names import PROFILE_PATH
from tests.integration.daemon.introspection import tree
from tests.integration.daemon.person import PROPERTIES, Denied, Person

SAME_KIND = {"SignIn", "Renew"}
"""Both begin a proof by the person themself."""


def test_no_property_can_be_written(alice: Person) -> None:
    for path, node in tree(alice):
        for interface in node.findall("interface"):
            for prop in interface.findall("property"):
                assert prop.attrib["access"] == "read"
                with pytest.raises(Denied, match="PropertyReadOnly"):
                    alice.call(path, PROPERTIES, "Set", "ssv", interface.attrib["name"], prop.attrib["name"], "x")


def test_an_action_stands_for_one_kind_of_change() -> None:
    by_action = defaultdict(set)
    for (_, member), access in ACCESS.items():
        if access.action:
            by_action[access.action].add(member)
    assert all(len(members) == 1 or members == SAME_KIND for members in by_action.values())


def test_reading_everything_changes_nothing_and_asks_nobody(bob: Person) -> None:
    before = bob.objects()
    bob.property(PROFILE_PATH + "example", "org.flexnetd.FlexNet1.Session", "State")
    assert bob.objects() == before

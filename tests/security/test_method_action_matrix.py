"""Mozilla VPN fixed its polkit actions and lost them again over 2.5 years. The table, the live introspection and the
installed actions say the same, in both directions."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from flexnetd.daemon.bus.actions import ACCESS, Rule
from flexnetd.model import bus_names
from tests.integration.daemon.introspection import methods
from tests.integration.daemon.person import Person

POLICY = Path(__file__).parents[2] / "systemd/polkit/org.flexnetd.policy"


def policy_actions() -> dict[str, ET.Element]:
    return {action.attrib["id"]: action for action in ET.parse(POLICY).getroot().findall("action")}


def test_every_live_method_has_its_row_and_every_row_its_live_method(alice: Person) -> None:
    alice.sign_in("example")
    live = {(method.interface, method.member) for method in methods(alice, standard=True)}
    assert live == set(ACCESS)


def test_every_action_of_the_table_is_installed_and_no_other() -> None:
    asked = {access.action for access in ACCESS.values() if access.action}
    assert asked == set(policy_actions())
    named = {value for name, value in vars(bus_names).items() if name.startswith("ACTION_")}
    assert asked == named


def test_a_rule_asks_exactly_when_it_has_an_action() -> None:
    for access in ACCESS.values():
        asks = access.rule in {Rule.ASK, Rule.OWNER_OR_ASK, Rule.OWNER_AND_ASK}
        assert asks == bool(access.action)


def test_only_who_sits_at_the_screen_may_without_being_asked_and_only_what_is_harmless() -> None:
    for name, action in policy_actions().items():
        defaults = {default.tag: default.text for default in action.findall("defaults/*")}
        assert defaults["allow_any"] == defaults["allow_inactive"] == "auth_admin", name
        harmless = name in {bus_names.ACTION_SIGN_IN, bus_names.ACTION_DIAGNOSTICS}
        assert defaults["allow_active"] == ("yes" if harmless else "auth_admin"), name


def test_the_daemon_that_is_not_root_may_ask_about_each() -> None:
    for action in policy_actions().values():
        notes = {note.attrib["key"]: note.text for note in action.findall("annotate")}
        assert notes["org.freedesktop.policykit.owner"] == "unix-user:flexnetd"


def test_every_action_is_worded_in_german_and_english() -> None:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    for action in policy_actions().values():
        for tag in ("description", "message"):
            assert [element.attrib.get(lang, "en") for element in action.findall(tag)] == ["en", "de"]

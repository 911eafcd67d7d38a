from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from flexnetd.daemon.bus.actions import ACCESS
from flexnetd.daemon.bus.introspection import introspection_xml
from flexnetd.daemon.bus.login import LOGIN
from flexnetd.daemon.bus.manager import MANAGER
from flexnetd.daemon.bus.profile import PROFILE
from flexnetd.daemon.bus.session import SESSION
from flexnetd.daemon.bus.spec import Argument, Emits, Interface, Method, Property, Signal
from flexnetd.daemon.bus.standard import INTROSPECTABLE, OBJECT_MANAGER, PROPERTIES
from flexnetd.daemon.bus.values import signature_parts

ALL = (MANAGER, PROFILE, SESSION, LOGIN, PROPERTIES, INTROSPECTABLE, OBJECT_MANAGER)
SAMPLE = Interface(
    "org.example.Sample",
    'Says "yes" & <no>.',
    methods=(Method("Ask", "Asks.", (Argument("what", "s"),), (Argument("answer", "a{sv}"),)),),
    properties=(Property("Size", "u", "How large.", Emits.INVALIDATES),),
    signals=(Signal("Grew", "It grew.", (Argument("by", "u"),)),),
)


def test_the_xml_tells_everything_with_its_documentation() -> None:
    node = ET.fromstring(introspection_xml((SAMPLE,), ("child",)))
    (interface,) = node.findall("interface")
    docs = [
        element.attrib["value"] for element in interface.iter("annotation") if "DocString" in element.attrib["name"]
    ]
    assert docs == ['Says "yes" & <no>.', "Asks.", "How large.", "It grew."]
    arguments = [argument.attrib for argument in interface.findall("method/arg")]
    assert arguments == [
        {"name": "what", "type": "s", "direction": "in"},
        {"name": "answer", "type": "a{sv}", "direction": "out"},
    ]
    assert interface.find("property").attrib == {"name": "Size", "type": "u", "access": "read"}  # type: ignore[union-attr]
    assert [child.attrib["name"] for child in node.findall("node")] == ["child"]


@pytest.mark.parametrize("interface", ALL, ids=lambda interface: interface.name)
def test_everything_is_documented_and_every_method_has_its_rule(interface: Interface) -> None:
    members: tuple[Method | Property | Signal, ...] = (*interface.methods, *interface.properties, *interface.signals)
    for member in members:
        assert member.doc.endswith("."), member.name
    for method in interface.methods:
        assert (interface.name, method.name) in ACCESS


@pytest.mark.parametrize(
    ("signature", "parts"),
    [
        ("", ()),
        ("s", ("s",)),
        ("sa{sv}(ib)", ("s", "a{sv}", "(ib)")),
        ("a(ssxxasasa{ss})as", ("a(ssxxasasa{ss})", "as")),
        ("aai", ("aai",)),
        ("a{oa{sa{sv}}}", ("a{oa{sa{sv}}}",)),
    ],
)
def test_a_signature_falls_into_its_complete_types(signature: str, parts: tuple[str, ...]) -> None:
    assert signature_parts(signature) == parts


def test_an_open_bracket_is_no_signature() -> None:
    with pytest.raises(ValueError):
        signature_parts("(ss")

"""What the live daemon says it offers, for tests that hold it to its word."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from flexnetd.model.bus_names import BUS_NAME
from tests.integration.daemon.person import Person


@dataclass(frozen=True, slots=True)
class Offered:
    """A method of one object. `arguments` are (name, signature)."""

    path: str
    interface: str
    member: str
    signature: str
    arguments: tuple[tuple[str, str], ...]


def tree(person: Person, path: str = "/") -> Iterator[tuple[str, ET.Element]]:
    """Every node that this person can see, with its XML."""
    xml = person.call(path, "org.freedesktop.DBus.Introspectable", "Introspect")
    node = ET.fromstring(xml)
    yield path, node
    for child in node.findall("node"):
        yield from tree(person, f"{path.rstrip('/')}/{child.attrib['name']}")


def methods(person: Person, *, standard: bool = False) -> list[Offered]:
    """Every method of every object, of our own interfaces, or of the standard ones too."""
    found = []
    for path, node in tree(person):
        for interface in node.findall("interface"):
            name = interface.attrib["name"]
            if standard or name.startswith(BUS_NAME):
                found += [_offered(path, name, method) for method in interface.findall("method")]
    return found


def _offered(path: str, interface: str, method: ET.Element) -> Offered:
    inputs = [(a.attrib["name"], a.attrib["type"]) for a in method.findall("arg") if a.attrib["direction"] == "in"]
    return Offered(path, interface, method.attrib["name"], "".join(s for _, s in inputs), tuple(inputs))

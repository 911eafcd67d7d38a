"""Our objects on the bus: which paths there are, which interfaces stand at each, and telling what changed.

An interface is an `Implementation`: its description, its readers and its calls. A reader gets the caller (None for a
broadcast), so that what is each reader's own never lands in a broadcast by accident: such properties are described as
INVALIDATES and are left out of every broadcast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from flexnetd.daemon.bus.door import Bus, Incoming
from flexnetd.daemon.bus.spec import Emits, Interface
from flexnetd.daemon.bus.standard import OBJECT_MANAGER, PROPERTIES
from flexnetd.daemon.bus.values import Variant
from flexnetd.daemon.callers import Caller
from flexnetd.model.bus_names import ROOT_PATH
from flexnetd.model.fault import Fault


class Later(Enum):
    """What a call returns when its answer comes later, by `Call.answer` or `Call.refuse`."""

    LATER = "later"


LATER = Later.LATER


@dataclass(slots=True)
class Call:
    """A method call that may be carried out: who, with what, and the way to answer. It is answered exactly once."""

    caller: Caller
    incoming: Incoming
    arguments: tuple[object, ...]
    send: Callable[[tuple[object, ...] | Fault], None]
    answered: bool = False

    def answer(self, *values: object) -> None:
        if not self.answered:
            self.answered = True
            self.send(values)

    def refuse(self, fault: Fault) -> None:
        if not self.answered:
            self.answered = True
            self.send(fault)


Handler = Callable[[Call], "tuple[object, ...] | Later"]
Reader = Callable[[Caller | None], object]


class Implementation(Protocol):
    """One interface of one object."""

    @property
    def interface(self) -> Interface: ...

    @property
    def readers(self) -> Mapping[str, Reader]:
        """By the property's name."""
        ...

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """By the method's name."""
        ...


@dataclass(frozen=True, slots=True)
class BusObject:
    """`owner` tells the uid whose object it is at this moment (a signed-in session's, a login's), None for nobody.
    `private_to` names the one connection that is told of a login; "" is everybody."""

    path: str
    parts: tuple[Implementation, ...]
    owner: Callable[[], int | None]
    private_to: str = ""

    def part(self, interface: str) -> Implementation | None:
        return next((part for part in self.parts if part.interface.name == interface), None)

    def visible_to(self, caller: Caller) -> bool:
        return not self.private_to or caller.uid == self.owner()


class Objects:
    """The tree of our objects."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._objects: dict[str, BusObject] = {}

    def add(self, item: BusObject) -> None:
        """Publishes the object, and tells whom it concerns. The root is not told of: it is there from the start."""
        self._objects[item.path] = item
        if item.path != ROOT_PATH:
            interfaces = {part.interface.name: properties(part, None) for part in item.parts}
            self._tell("InterfacesAdded", (item.path, interfaces), item.private_to)

    def remove(self, path: str) -> None:
        item = self._objects.pop(path)
        self._tell("InterfacesRemoved", (path, [part.interface.name for part in item.parts]), item.private_to)

    def get(self, path: str, caller: Caller) -> BusObject | None:
        """The object at `path`, if there is one that this caller may know of."""
        item = self._objects.get(path)
        return item if item is not None and item.visible_to(caller) else None

    def children(self, path: str, caller: Caller) -> tuple[str, ...]:
        """The names of the nodes right below `path`."""
        below = path.rstrip("/") + "/"
        visible = (p for p, item in self._objects.items() if p.startswith(below) and item.visible_to(caller))
        return tuple(sorted({p.removeprefix(below).split("/")[0] for p in visible}))

    def managed(self, caller: Caller) -> dict[str, dict[str, dict[str, Variant]]]:
        """What GetManagedObjects answers to this caller."""
        return {
            path: {part.interface.name: properties(part, caller) for part in item.parts}
            for path, item in self._objects.items()
            if item.visible_to(caller)
        }

    def changed(self, path: str, interface: str, names: tuple[str, ...]) -> None:
        """Tells that these properties changed, of those that are told at all."""
        item = self._objects.get(path)
        part = item.part(interface) if item else None
        if item is None or part is None:
            return
        told = [prop for prop in part.interface.properties if prop.name in names]
        values = {p.name: Variant(p.signature, part.readers[p.name](None)) for p in told if p.emits is Emits.TRUE}
        invalid = [p.name for p in told if p.emits is Emits.INVALIDATES]
        if values or invalid:
            signature = PROPERTIES.signal("PropertiesChanged").signature
            self._bus.emit(
                path,
                PROPERTIES.name,
                "PropertiesChanged",
                signature,
                (interface, values, invalid),
                item.private_to,
            )

    def emit(self, path: str, interface: Interface, signal: str, values: tuple[object, ...], to: str) -> None:
        """A signal of ours to one connection: none of ours is a broadcast."""
        self._bus.emit(path, interface.name, signal, interface.signal(signal).signature, values, to)

    def _tell(self, signal: str, values: tuple[object, ...], to: str) -> None:
        self._bus.emit(ROOT_PATH, OBJECT_MANAGER.name, signal, OBJECT_MANAGER.signal(signal).signature, values, to)


def properties(part: Implementation, caller: Caller | None) -> dict[str, Variant]:
    """The properties of one interface; for nobody in particular (None) only those that may be broadcast."""
    return {
        prop.name: Variant(prop.signature, part.readers[prop.name](caller))
        for prop in part.interface.properties
        if caller is not None or prop.emits in {Emits.TRUE, Emits.CONST}
    }

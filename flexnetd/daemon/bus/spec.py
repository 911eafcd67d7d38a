"""What an interface offers, as data: the same values make the introspection, the documentation, and the dispatch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Emits(Enum):
    """Whether a change is broadcast. INVALIDATES tells that it changed, not to what: the value is each reader's own."""

    TRUE = "true"
    INVALIDATES = "invalidates"
    CONST = "const"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    signature: str


@dataclass(frozen=True, slots=True)
class Method:
    """`longest` bounds each text and each container among the arguments, in characters and entries."""

    name: str
    doc: str
    inputs: tuple[Argument, ...] = ()
    outputs: tuple[Argument, ...] = ()
    longest: int = 1024

    @property
    def in_signature(self) -> str:
        return "".join(argument.signature for argument in self.inputs)

    @property
    def out_signature(self) -> str:
        return "".join(argument.signature for argument in self.outputs)


@dataclass(frozen=True, slots=True)
class Signal:
    name: str
    doc: str
    arguments: tuple[Argument, ...] = ()

    @property
    def signature(self) -> str:
        return "".join(argument.signature for argument in self.arguments)


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    signature: str
    doc: str
    emits: Emits = Emits.TRUE


@dataclass(frozen=True, slots=True)
class Interface:
    name: str
    doc: str
    methods: tuple[Method, ...] = ()
    properties: tuple[Property, ...] = ()
    signals: tuple[Signal, ...] = ()

    def method(self, name: str) -> Method | None:
        return next((method for method in self.methods if method.name == name), None)

    def property(self, name: str) -> Property | None:
        return next((prop for prop in self.properties if prop.name == name), None)

    def signal(self, name: str) -> Signal:
        return next(signal for signal in self.signals if signal.name == name)

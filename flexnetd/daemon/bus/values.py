"""Values on their way to and from dbus-python: plain Python outside, its types inside.

A variant is always built with its signature: the library would guess another (an int becomes "i", an empty list fails).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from _dbus_bindings import (
    Array,
    Boolean,
    Byte,
    Dictionary,
    Double,
    Int32,
    Int64,
    ObjectPath,
    String,
    Struct,
    UInt16,
    UInt32,
    UInt64,
    UnixFd,
)


@dataclass(frozen=True, slots=True)
class Variant:
    """A value with its signature, for `v`."""

    signature: str
    value: object


@dataclass(frozen=True, slots=True)
class Descriptor:
    """An open file to be sent (`h`); the bus sends a copy of its own, the sender closes `fd`."""

    fd: int


def signature_parts(signature: str) -> tuple[str, ...]:
    """The complete types in a signature: "sa{sv}(ib)" has three."""
    parts = []
    while signature:
        end = _type_end(signature, 0)
        parts.append(signature[:end])
        signature = signature[end:]
    return tuple(parts)


def _type_end(signature: str, start: int) -> int:
    if signature[start] == "a":
        return _type_end(signature, start + 1)
    if signature[start] not in "({":
        return start + 1
    depth = 0
    for index in range(start, len(signature)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(signature[index], 0)
        if depth == 0:
            return index + 1
    raise ValueError(signature)


def typed_all(signature: str, values: tuple[object, ...]) -> tuple[Any, ...]:
    return tuple(_typed(part, value, 0) for part, value in zip(signature_parts(signature), values, strict=True))


_BASIC: Mapping[str, Any] = {
    "s": String,
    "b": Boolean,
    "y": Byte,
    "q": UInt16,
    "i": Int32,
    "u": UInt32,
    "x": Int64,
    "t": UInt64,
    "d": Double,
    "o": ObjectPath,
}


def _typed(signature: str, value: Any, level: int) -> Any:
    """The library's value of exactly that type; `level` 1 makes it a variant."""
    if signature == "v":
        return _typed(value.signature, value.value, 1)
    if signature == "h":
        return UnixFd(value.fd)
    if signature[0] == "(":
        inner = signature[1:-1]
        return Struct(typed_all(inner, tuple(value)), signature=inner, variant_level=level)
    if signature.startswith("a{"):
        key, item = signature_parts(signature[2:-1])
        pairs = {_typed(key, k, 0): _typed(item, v, 0) for k, v in value.items()}
        return Dictionary(pairs, signature=key + item, variant_level=level)
    if signature[0] == "a":
        return Array([_typed(signature[1:], item, 0) for item in value], signature=signature[1:], variant_level=level)
    return _BASIC[signature](value, variant_level=level)


def plain(value: Any) -> object:  # noqa: PLR0911 - one line a type
    """A value as Python's own types have it."""
    if isinstance(value, Boolean):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, UnixFd):
        return Descriptor(int(value.take()))
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return [plain(item) for item in value]


def close_descriptors(values: tuple[object, ...]) -> None:
    """Closes what came with a call that nobody wants."""
    for value in values:
        if isinstance(value, Descriptor):
            os.close(value.fd)

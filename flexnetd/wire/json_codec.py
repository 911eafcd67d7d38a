"""Strict JSON to frozen dataclasses and back.

The rules, for every message of ours on every socket:
- The text is bounded in bytes and in nesting before it is parsed, strict UTF-8, one JSON object, no key twice, no NaN.
- Every field of the dataclass that has no default must be there; a field that it does not have is an error.
- A value has exactly the field's type: no number for a text, no 1 for true. Bounds stand in the annotation
  (`Annotated[str, Bound(1, 64)]`): for texts and tuples of their length, for integers of their value. A text without
  a bound has at most `LONGEST_TEXT` characters, a number fits 64 bits.
- Texts are Unicode: a lone surrogate, which JSON can escape, is none. Nor is a NUL taken: D-Bus and PostgreSQL carry
  none, so one in a notice would keep the service from telling anybody anything, and one in a user name be our failure.
- What is wrong is named by its path ("notices[2].text") and raised as `Malformed`; values are never told, since they
  may be secret. A name that is not a plain word is told as "?", since the path ends in logs and on terminals.
- Reading takes time in proportion to the bytes, whatever they are.

Types understood: str, int, bool, None, Enum (by value), Secret (as text), bytes (as base64, padded), tuple[T, ...],
Mapping[str, T], dataclasses, `T | None`, Annotated. Anything else is a mistake of ours and a TypeError.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import functools
import json
import re
import types
import typing
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, TypeVar

from flexnetd.model.secret import Secret

T = TypeVar("T")

DEEPEST = 12
LONGEST_TEXT = 65536

LARGEST_NUMBER = 2**63 - 1

# Possessive, the closing quote optional: a text that never ends is walked once, not once from each quote in it.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"?')
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_BRACKET = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most, both allowed."""

    least: int
    most: int


class Malformed(ValueError):  # noqa: N818 - read as "the message is malformed"
    """The message is not what its type says. `field` is the path of what is wrong; "" is the whole."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field or 'message'}: {problem}")
        self.field = field or "message"
        self.problem = problem


def decode(kind: type[T], data: bytes | str, limit: int) -> T:
    """The `kind` that `data` holds, at most `limit` bytes long. Raises Malformed."""
    return from_plain(kind, parse(data, limit))


def encode(message: object) -> bytes:
    """The message as one line of JSON without a line end; secrets are written out, since this is where they travel."""
    return json.dumps(to_plain(message), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def parse(data: bytes | str, limit: int) -> dict[str, Any]:
    """The JSON object in `data`, before any type is known."""
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > limit:
        raise Malformed("", f"longer than {limit} bytes")
    try:
        text = raw.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("", "not UTF-8") from None
    _refuse_depth(text)
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except Malformed:
        raise
    except ValueError:
        raise Malformed("", "not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("", "not an object")
    return value


def from_plain(kind: type[T], value: object, path: str = "") -> T:
    """The dataclass `kind` from parsed JSON."""
    if not isinstance(value, dict):
        raise Malformed(path, "not an object")
    wanted = _fields(kind)  # type: ignore[arg-type] # a class is hashable
    for name in value:
        if name not in wanted:
            raise Malformed(_join(path, name), "unknown field")
    arguments = {}
    for name, (annotation, optional) in wanted.items():
        if name in value:
            arguments[name] = _read(annotation, value[name], _join(path, name))
        elif not optional:
            raise Malformed(_join(path, name), "missing")
    return kind(**arguments)


def to_plain(value: object) -> Any:  # noqa: PLR0911 - one line a type
    """Parsed JSON of a message."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} does not travel")


@functools.cache
def _fields(kind: Hashable) -> dict[str, tuple[Any, bool]]:
    assert isinstance(kind, type)
    hints = typing.get_type_hints(kind, include_extras=True)
    missing = dataclasses.MISSING
    return {
        f.name: (hints[f.name], f.default is not missing or f.default_factory is not missing)
        for f in dataclasses.fields(kind)
    }


def _read(annotation: Any, value: object, path: str, longest: int = LONGEST_TEXT) -> Any:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        inner, *notes = typing.get_args(annotation)
        bounds = [note for note in notes if isinstance(note, Bound)]
        read = _read(inner, value, path, max([longest, *(bound.most for bound in bounds)]))
        for bound in bounds:
            _hold(bound, read, path)
        return read
    if origin in {types.UnionType, typing.Union}:
        inner = [a for a in typing.get_args(annotation) if a is not type(None)]
        return None if value is None else _read(inner[0], value, path, longest)
    if origin is tuple:
        return _read_tuple(typing.get_args(annotation)[0], value, path)
    if origin is not None and issubclass(origin, Mapping):
        return _read_mapping(typing.get_args(annotation)[1], value, path)
    return _read_simple(annotation, value, path, longest)


def _read_simple(annotation: Any, value: object, path: str, longest: int) -> Any:
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return from_plain(annotation, value, path)
    if annotation is bool or annotation is int:
        if type(value) is not annotation:
            raise Malformed(path, f"not {annotation.__name__}")
        if abs(value) > LARGEST_NUMBER:
            raise Malformed(path, "longer than 64 bits")
        return value
    if not isinstance(value, str):
        raise Malformed(path, "not a text")
    if len(value) > longest:
        raise Malformed(path, f"longer than {longest}")
    _refuse_unspeakable(value, path)
    return _read_text(annotation, value, path)


def _read_text(annotation: Any, value: str, path: str) -> Any:
    if annotation is str:
        return value
    if annotation is Secret:
        return Secret(value)
    if annotation is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Malformed(path, "not base64") from None
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        try:
            return annotation(value)
        except ValueError:
            raise Malformed(path, "unknown word") from None
    raise TypeError(f"{annotation!r} does not travel")


def _read_tuple(inner: Any, value: object, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Malformed(path, "not a list")
    return tuple(_read(inner, item, f"{path}[{index}]") for index, item in enumerate(value))


def _read_mapping(inner: Any, value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(path, "not an object")
    for key in value:
        _refuse_unspeakable(key, path)
    return {key: _read(inner, item, _join(path, key)) for key, item in value.items()}


def _hold(bound: Bound, read: Any, path: str) -> None:
    if isinstance(read, int):
        size = read
    elif isinstance(read, Secret):
        size = len(read.reveal())
    else:
        size = len(read)
    if not bound.least <= size <= bound.most:
        raise Malformed(path, f"outside {bound.least} to {bound.most}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen = dict(pairs)
    if len(seen) != len(pairs):
        raise Malformed("", "a key twice")
    return seen


def _refuse_constant(text: str) -> object:
    raise Malformed("", f"{text} is not a number")


def _refuse_depth(text: str) -> None:
    """Refuses deep nesting before the parser meets it; brackets inside texts do not count."""
    depth = 0
    for bracket in _BRACKET.finditer(_TEXT.sub("", text)):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > DEEPEST:
            raise Malformed("", f"nested deeper than {DEEPEST}")


def _refuse_unspeakable(text: str, path: str) -> None:
    if "\0" in text:
        raise Malformed(path, "holds a NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(path, "not Unicode") from None


def _join(path: str, name: str) -> str:
    told = name if _PLAIN_WORD.fullmatch(name) else "?"
    return f"{path}.{told}" if path else told

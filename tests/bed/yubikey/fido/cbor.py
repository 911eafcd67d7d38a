"""CBOR as CTAP2 has it: integers, byte strings, texts, arrays, maps, true and false; keys in canonical order. Pure."""

from __future__ import annotations

from typing import Any

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _SIMPLE = 0, 1, 2, 3, 4, 5, 7
_FALSE, _TRUE = b"\xf4", b"\xf5"
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}


def encode(value: Any) -> bytes:
    """Raises TypeError for what CTAP2 does not send."""
    match value:
        case bool():
            return _TRUE if value else _FALSE
        case int():
            return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case bytes():
            return _head(_BYTES, len(value)) + value
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case list() | tuple():
            return _head(_ARRAY, len(value)) + b"".join(encode(one) for one in value)
        case dict():
            pairs = sorted((encode(key), encode(one)) for key, one in value.items())
            pairs.sort(key=lambda pair: (pair[0][0] >> 5, len(pair[0]), pair[0]))
            return _head(_MAP, len(pairs)) + b"".join(key + one for key, one in pairs)
        case _:
            raise TypeError(type(value).__name__)


def decode(data: bytes) -> Any:
    """The one value in `data`. Raises ValueError."""
    value, rest = _read(data)
    if rest:
        raise ValueError("something follows")
    return value


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for code, length in _LENGTHS.items():
        if number < 1 << 8 * length:
            return bytes([kind << 5 | code]) + number.to_bytes(length, "big")
    raise TypeError("too large")


def _read(data: bytes) -> tuple[Any, bytes]:
    if not data:
        raise ValueError("ends early")
    kind, number, rest = data[0] >> 5, data[0] & 31, data[1:]
    if kind == _SIMPLE:
        if data[:1] not in {_FALSE, _TRUE}:
            raise ValueError("unknown simple value")
        return data[:1] == _TRUE, rest
    if number >= 24:
        length = _LENGTHS.get(number)
        if length is None or len(rest) < length:
            raise ValueError("bad length")
        number, rest = int.from_bytes(rest[:length], "big"), rest[length:]
    return _content(kind, number, rest)


def _content(kind: int, number: int, rest: bytes) -> tuple[Any, bytes]:
    match kind:
        case 0:
            return number, rest
        case 1:
            return -1 - number, rest
        case 2 | 3:
            if len(rest) < number:
                raise ValueError("ends early")
            content = rest[:number]
            return (content if kind == _BYTES else content.decode()), rest[number:]
        case 4:
            values = []
            for _ in range(number):
                value, rest = _read(rest)
                values.append(value)
            return values, rest
        case 5:
            pairs = {}
            for _ in range(number):
                key, rest = _read(rest)
                pairs[key], rest = _read(rest)
            return pairs, rest
        case _:
            raise ValueError("unknown kind")

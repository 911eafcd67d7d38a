"""The decoder takes exactly what a type says and names everything else by its path, in linear time."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import DEEPEST, LONGEST_TEXT, Bound, Malformed, decode, encode, from_plain, parse

LIMIT = 1 << 20


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    text: Annotated[str, Bound(1, 4)]
    number: Annotated[int, Bound(-2, 3)] = 0


@dataclass(frozen=True, slots=True)
class Whole:
    plain: str
    yes: bool
    colour: Colour
    secret: Annotated[Secret, Bound(2, 4)]
    data: Annotated[bytes, Bound(2, 2)]
    parts: Annotated[tuple[Part, ...], Bound(0, 2)] = ()
    named: Mapping[str, Part] = field(default_factory=dict)
    maybe: Annotated[str, Bound(0, 3)] | None = None
    long: Annotated[str, Bound(0, LONGEST_TEXT + 1)] = ""


GOOD: dict[str, Any] = {
    "plain": "ä",
    "yes": True,
    "colour": "red",
    "secret": "abc",
    "data": "AAE=",
    "parts": [{"text": "a"}, {"text": "b", "number": 3}],
    "named": {"x": {"text": "c"}},
    "maybe": None,
}


def wrong_of(**changes: object) -> str:
    return malformed(json.dumps({**GOOD, **changes}).encode())


def malformed(raw: bytes | str, limit: int = LIMIT) -> str:
    with pytest.raises(Malformed) as wrong:
        decode(Whole, raw, limit)
    assert wrong.value.field in str(wrong.value)
    return f"{wrong.value.field}: {wrong.value.problem}"


def test_a_message_is_read_as_its_type_says() -> None:
    whole = decode(Whole, json.dumps(GOOD), LIMIT)
    assert whole == Whole(
        plain="ä",
        yes=True,
        colour=Colour.RED,
        secret=Secret("abc"),
        data=b"\x00\x01",
        parts=(Part("a"), Part("b", 3)),
        named={"x": Part("c")},
    )
    assert decode(Whole, encode(whole), LIMIT) == whole


def test_a_message_is_written_on_one_line_with_its_secrets() -> None:
    assert encode(Part("ä\n")) == '{"number":0,"text":"ä\\n"}'.encode()
    assert encode({"s": Secret("x"), "n": None, "t": (1, [True])}) == b'{"n":null,"s":"x","t":[1,[true]]}'


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"plain": 1}, "plain: not a text"),
        ({"plain": None}, "plain: not a text"),
        ({"plain": "x" * (LONGEST_TEXT + 1)}, "plain: longer than 65536"),
        ({"plain": "\ud800"}, "plain: not Unicode"),
        ({"plain": "a\0b"}, "plain: holds a NUL"),
        ({"secret": "a\0b"}, "secret: holds a NUL"),
        ({"yes": 1}, "yes: not bool"),
        ({"colour": "blue"}, "colour: unknown word"),
        ({"secret": "a"}, "secret: outside 2 to 4"),
        ({"secret": "abcde"}, "secret: outside 2 to 4"),
        ({"data": "AAE"}, "data: not base64"),
        ({"data": "AA-_"}, "data: not base64"),
        ({"data": "AAEC"}, "data: outside 2 to 2"),
        ({"parts": {}}, "parts: not a list"),
        ({"parts": [{"text": "a"}] * 3}, "parts: outside 0 to 2"),
        ({"parts": [{"text": "a"}, {"text": ""}]}, "parts[1].text: outside 1 to 4"),
        ({"parts": [{"text": "a", "number": 4}]}, "parts[0].number: outside -2 to 3"),
        ({"parts": [{"text": "a", "number": -3}]}, "parts[0].number: outside -2 to 3"),
        ({"parts": [{"text": "a", "number": True}]}, "parts[0].number: not int"),
        ({"parts": [{"text": "a", "number": 1.0}]}, "parts[0].number: not int"),
        ({"parts": [{"text": "a", "number": 2**63}]}, "parts[0].number: longer than 64 bits"),
        ({"parts": [{}]}, "parts[0].text: missing"),
        ({"parts": ["a"]}, "parts[0]: not an object"),
        ({"named": []}, "named: not an object"),
        ({"named": {"x": 1}}, "named.x: not an object"),
        ({"named": {"\ud800": {"text": "a"}}}, "named: not Unicode"),
        ({"named": {"\0": {"text": "a"}}}, "named: holds a NUL"),
        ({"named": {"\x1b[31m": {"text": ""}}}, "named.?.text: outside 1 to 4"),
        ({"maybe": "four"}, "maybe: outside 0 to 3"),
        ({"long": "x" * (LONGEST_TEXT + 2)}, "long: longer than 65537"),
        ({"more": 1}, "more: unknown field"),
        ({"\x1b[31m": 1}, "?: unknown field"),
        ({"x" * 65: 1}, "?: unknown field"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(changes: Mapping[str, object], told: str) -> None:
    assert wrong_of(**changes) == told


def test_a_field_may_be_longer_than_others_when_its_bound_says_so() -> None:
    assert len(from_plain(Whole, {**GOOD, "long": "x" * (LONGEST_TEXT + 1)}).long) == LONGEST_TEXT + 1


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "message: not JSON"),
        (b"x", "message: not JSON"),
        (b"[]", "message: not an object"),
        (b"1", "message: not an object"),
        (b"\xff", "message: not UTF-8"),
        (b'{"a":1,"a":1}', "message: a key twice"),
        (b'{"plain":{"a":1,"a":1}}', "message: a key twice"),
        (b'{"a":NaN}', "message: NaN is not a number"),
        (b'{"a":-Infinity}', "message: -Infinity is not a number"),
        (b'{"a":' + b"9" * 5000 + b"}", "message: not JSON"),
        (b'{"a":1} x', "message: not JSON"),
        (b"\xef\xbb\xbf{}", "message: not JSON"),
        ('{"a":' + "[" * DEEPEST + "]" * DEEPEST + "}", f"message: nested deeper than {DEEPEST}"),
        ("[" * 100_000, f"message: nested deeper than {DEEPEST}"),
        ("x" * 101, "message: longer than 100 bytes"),
        ("ä" * 51, "message: longer than 100 bytes"),
    ],
)
def test_what_is_no_object_is_refused_whole(raw: bytes | str, told: str) -> None:
    assert malformed(raw, 100 if told.endswith("100 bytes") else LIMIT) == told


def test_brackets_within_texts_are_no_nesting() -> None:
    deep = "[" * 50 + '\\"{' * 50
    assert parse(f'{{"a":"{deep}","b":[[1]]}}', LIMIT)["b"] == [[1]]


def test_as_deep_as_allowed_is_read() -> None:
    assert parse('{"a":' * DEEPEST + "1" + "}" * DEEPEST, LIMIT)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":"' + b'\\"' * 500_000,
        b'"' * 1_000_000,
        b"\\" * 1_000_000,
        b'{"a":"' + b"\\\n" * 500_000,
        b"{" * 1_000_000,
        b'{"":' * 250_000,
    ],
)
def test_a_megabyte_of_anything_is_judged_in_a_moment(raw: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(Malformed):
        parse(raw, LIMIT)
    assert time.perf_counter() - began < 2


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\ntrue01.ä', max_size=80).map(str.encode))
def test_no_bytes_bring_out_anything_but_malformed(raw: bytes) -> None:
    try:
        decode(Whole, raw, LIMIT)
    except Malformed:
        return
    raise AssertionError("a message out of thin air")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional={name: PLAIN | st.just(value) for name, value in GOOD.items()}))
def test_whatever_passes_is_well_typed(changes: dict[str, Any]) -> None:
    try:
        whole = from_plain(Whole, {**GOOD, **changes})
    except Malformed:
        return
    assert decode(Whole, encode(whole), LIMIT) == whole


@dataclass(frozen=True, slots=True)
class NotOurs:
    ratio: float


def test_a_type_that_does_not_travel_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="does not travel"):
        decode(NotOurs, b'{"ratio":"x"}', LIMIT)
    with pytest.raises(TypeError, match="does not travel"):
        encode(NotOurs(0.5))

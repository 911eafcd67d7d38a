"""Any TOML, written in any style: each value is told to stand where it stands.

Every value is a number of its own, so that the line which holds the number is the line to be told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flexnetd.model.toml_lines import Path, read_toml

KEYS = st.text(st.characters(codec="ascii"), max_size=6) | st.sampled_from(["a.b", "[x]", 'q"', "'", "#", "ä", ""])
GAPS = st.sampled_from([" ", "\n", " # ] } = [x]\n", "\n\n", "\t"])
LEAVES = st.none()
INLINE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
TABLES = st.recursive(
    st.dictionaries(KEYS, INLINE, max_size=3),
    lambda inner: st.dictionaries(KEYS, inner | st.lists(inner, min_size=1, max_size=2), max_size=3),
    max_leaves=6,
)


SHAPES = (
    "{}",
    '"] {} \\" [#"',
    "'] {} [\\'",
    '"""x {} ""\\"]"""',
    '"""{}\n[x]\n\\\\""""',
    "'''{} ''] \n# '''''",
)


class Writer:
    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw
        self.number = 1000
        self.lines: list[str] = []

    def table(self, tree: Mapping[str, Any], header: str) -> None:
        plain = {key: value for key, value in tree.items() if not _is_table(value)}
        for key, value in plain.items():
            self.lines.append(f"{_quoted(key)} = {self.inline(value)}")
        for key, value in tree.items():
            if key not in plain:
                name = f"{header}.{_quoted(key)}" if header else _quoted(key)
                for one in value if isinstance(value, list) else [value]:
                    self.lines += ["# [not] = a header", f"[[{name}]]" if isinstance(value, list) else f"[ {name} ]"]
                    self.table(one, name)

    def inline(self, value: Any) -> str:
        if isinstance(value, list):
            items = [self.draw.draw(GAPS) + self.inline(item) + self.draw.draw(GAPS) for item in value]
            return "[" + ",".join(items) + "]"
        if isinstance(value, dict):
            # TOML allows no line end here, except within an array that stands here.
            return "{ " + ", ".join(f"{_quoted(key)} = {self.inline(item)}" for key, item in value.items()) + " }"
        self.number += 1
        shape = self.draw.draw(st.sampled_from(SHAPES))
        return str(shape.format(self.number))


def _is_table(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, Table) for item in value)
    return isinstance(value, Table)


class Table(dict[str, Any]):
    """A table that gets a header of its own."""


def _as_tables(tree: dict[str, Any], depth: int) -> Table:
    return Table({key: _with_headers(value, depth) for key, value in tree.items()})


def _with_headers(value: Any, depth: int) -> Any:
    if depth and isinstance(value, dict):
        return _as_tables(value, depth - 1)
    if depth and isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [_as_tables(item, depth - 1) for item in value]
    return value


def _quoted(key: str) -> str:
    return json.dumps(key, ensure_ascii=True).replace("\x7f", "\\u007f")


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, str(index)))
    else:
        yield path, value


@settings(max_examples=200, deadline=None)
@given(tree=TABLES, depth=st.integers(0, 3), draw=st.data())
def test_every_value_stands_where_it_is_told_to(tree: dict[str, Any], depth: int, draw: st.DataObject) -> None:
    writer = Writer(draw)
    writer.table(_as_tables(tree, depth), "")
    text = "\n".join(writer.lines)
    read = read_toml(text)
    lines = text.split("\n")
    for path, value in _leaves(read.values):
        number = "".join(letter for letter in str(value) if letter.isdigit())
        assert number in lines[read.lines[path] - 1]

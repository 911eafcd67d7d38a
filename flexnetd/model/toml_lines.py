"""TOML with the line of each key, so that every complaint about a file names file, line and key.

`tomllib` reads the values but forgets where they stood. So the text, once `tomllib` has accepted it, is walked a second
time, statement by statement: a header `[a.b]` or `[[a.b]]` opens a table, a key stands on the line where its statement
begins, and values are only skipped. Keys inside an inline table stand where that table's own key stands.

A path is a tuple of keys; an element of an array of tables adds its index as a text: ("gateway", "0", "endpoint").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

_AT_LINE = re.compile(r"^(.*?)\s*\(at line (\d+), column \d+\)$", re.DOTALL)
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)


class TomlMalformed(ValueError):  # noqa: N818 - read as "the TOML is malformed"
    """The text is no TOML. `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class TomlText:
    """What a text holds, and the line of each of its keys and tables."""

    values: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest table around it; 1 for the whole file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def read_toml(text: str) -> TomlText:
    """Raises TomlMalformed."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        told = _AT_LINE.match(str(wrong))
        if told:
            raise TomlMalformed(int(told[2]), told[1]) from None
        raise TomlMalformed(text.count("\n") + 1, str(wrong).partition(" (at")[0]) from None
    return TomlText(values, _Walk(text).lines())


class _Walk:
    """One pass over a text that is known to be valid."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._counts: dict[Path, int] = {}

    def lines(self) -> dict[Path, int]:
        found: dict[Path, int] = {}
        table: Path = ()
        while self._skip_blank():
            line = self._text.count("\n", 0, self._at) + 1
            if self._text.startswith("[", self._at):
                table = self._header()
                found.setdefault(table, line)
            else:
                key = table + self._keys()
                self._skip_value()
                found[key] = line
        return found

    def _skip_blank(self) -> bool:
        blank = _BLANK.match(self._text, self._at)
        assert blank is not None
        self._at = blank.end()
        return self._at < len(self._text)

    def _header(self) -> Path:
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        keys = self._keys()
        self._at = self._text.find("\n", self._at) if "\n" in self._text[self._at :] else len(self._text)
        path = self._with_indices(keys[:-1]) + keys[-1:]
        if not many:
            return self._with_indices(keys)
        self._counts[path] = self._counts.get(path, -1) + 1
        return (*path, str(self._counts[path]))

    def _with_indices(self, keys: Path) -> Path:
        """The path in which every array of tables is followed by its latest index."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._counts:
                path = (*path, str(self._counts[path]))
        return path

    def _keys(self) -> Path:
        keys: list[str] = []
        while True:
            key = _KEY.match(self._text, self._at)
            assert key is not None
            self._at = key.end()
            keys.append(_name(key))
            if not self._text.startswith(".", self._at):
                self._at += 1  # "=" or "]"
                return tuple(keys)
            self._at += 1

    def _skip_value(self) -> None:
        depth = 0
        while self._at < len(self._text):
            string = _STRING.match(self._text, self._at)
            if string:
                self._at = string.end()
                continue
            letter = self._text[self._at]
            if letter == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
                continue
            depth += (letter in "[{") - (letter in "]}")
            if letter == "\n" and depth == 0:
                return
            self._at += 1


def _name(key: re.Match[str]) -> str:
    if key[1] is not None:
        (name,) = tomllib.loads(f'"{key[1]}" = 0')
        return name
    return key[2] if key[2] is not None else key[3]

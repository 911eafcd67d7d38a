"""TOML with line numbers: what a file says, and on which line it says it.

`tomllib` judges and reads the text; it forgets where a key stood. So a second walk over the same text, which by then is
known to be valid, notes the line of every key, table and item of an array. A path is a tuple of keys, an index in it
is a text: `("ceiling", "prefixes", "2")`. The walk knows all of TOML 1.0, because a file that tomllib reads must not be
told wrong lines.

Pure: text in, values out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]

LONGEST_TEXT = 64 * 1024

_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'  # the closing quotes may follow one or two that belong to the text
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)


class TomlMalformed(ValueError):  # noqa: N818 - read as "the TOML is malformed"
    """The text is no TOML: `line` counts from 1, `problem` says what is wrong there."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class TomlText:
    """`values` is what tomllib made of the text; `lines` has the line of every path in it, counted from 1."""

    values: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it that the text names; 1 for what it never names."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_toml(text: str) -> TomlText:
    """Raises TomlMalformed."""
    if len(text) > LONGEST_TEXT:
        raise TomlMalformed(1, f"longer than {LONGEST_TEXT} characters")
    text = text.replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
        walk = _Walk(text)
        walk.document()
    except tomllib.TOMLDecodeError as wrong:
        raise _malformed(text, str(wrong)) from None
    except RecursionError:
        raise TomlMalformed(1, "nested too deep") from None
    return TomlText(values, walk.lines)


def _malformed(text: str, told: str) -> TomlMalformed:
    where = _WHERE.search(told)
    at_line = where.group(1) if where else None
    line = int(at_line) if at_line else text.rstrip("\n").count("\n") + 1
    return TomlMalformed(line, told[: where.start()] if where else told)


class _Walk:
    """One walk over valid TOML. `_at` is where it stands, `_line` the line of that place."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._line = 1
        self._tables: dict[Path, int] = {}
        """The last index of each array of tables."""

    def document(self) -> None:
        table: Path = ()
        self._take(_GAP)
        while self._at < len(self._text):
            if self._text.startswith("[[", self._at):
                table = self._array_header()
            elif self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
            self._take(_GAP)

    def _header(self) -> Path:
        self._step(1)
        table = self._path_under((), into_last_table=True)
        self._step(1)
        return table

    def _array_header(self) -> Path:
        self._step(2)
        array = self._path_under((), into_last_table=False)
        self._step(2)
        index = self._tables.get(array, -1) + 1
        self._tables[array] = index
        table = (*array, str(index))
        self._note(table)
        return table

    def _pair(self, table: Path) -> None:
        path = self._path_under(table, into_last_table=False)
        self._step(1)  # the equals sign
        self._take(_GAP)
        self._value(path)

    def _path_under(self, table: Path, *, into_last_table: bool) -> Path:
        """The dotted key here. Within a header, a name that is an array of tables means its last table."""
        path = table
        while True:
            self._take(_GAP)
            path = (*path, self._key())
            self._note(path)
            self._take(_GAP)
            more = self._text.startswith(".", self._at)
            if path in self._tables and (more or into_last_table):
                path = (*path, str(self._tables[path]))
            if not more:
                return path
            self._step(1)

    def _key(self) -> str:
        bare = self._take(_BARE_KEY)
        if bare:
            return bare
        # A quoted key may hold escapes; tomllib knows them.
        quoted = self._take(_STRING)
        return next(iter(tomllib.loads(f"{quoted} = 0")))

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening in "\"'":
            self._take(_STRING)
        elif opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._take(_BARE_VALUE)

    def _array(self, path: Path) -> None:
        self._step(1)
        index = 0
        while not self._closes("]"):
            item = (*path, str(index))
            self._note(item)
            self._value(item)
            index += 1

    def _inline_table(self, path: Path) -> None:
        self._step(1)
        while not self._closes("}"):
            self._pair(path)

    def _closes(self, bracket: str) -> bool:
        """Steps over gaps and a comma; True, and past it, when `bracket` is next."""
        self._take(_GAP)
        if self._text.startswith(",", self._at):
            self._step(1)
            self._take(_GAP)
        if not self._text.startswith(bracket, self._at):
            return False
        self._step(1)
        return True

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._line)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        taken = found.group() if found else ""
        self._line += taken.count("\n")
        self._at += len(taken)
        return taken

    def _step(self, width: int) -> None:
        self._at += width

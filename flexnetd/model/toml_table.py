"""Reading a TOML table strictly: each key once, of its type, within its bounds, and nothing that nobody asked for.

A reader takes what it knows by name and then calls `done()`, which refuses the rest. What is wrong is raised as
`TomlWrong` (an unknown key as `TomlUnknown`) or `TomlMissing`, with line and dotted key, never with the value (it may
be a secret); the reader of the file turns them into faults of its own that name the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from flexnetd.model.toml_lines import Path, TomlText


class TomlWrong(ValueError):  # noqa: N818 - read as "the TOML is wrong there"
    """A key is unknown, or its value is not what the key takes."""

    def __init__(self, line: int, key: str, problem: str) -> None:
        super().__init__(f"line {line}: {key}: {problem}")
        self.line = line
        self.key = key
        self.problem = problem


class TomlUnknown(TomlWrong):
    """Nobody knows this key."""


class TomlMissing(ValueError):  # noqa: N818 - read as "the key is missing"
    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is missing")
        self.key = key


class Table:
    """One table of a text. Getters with a default return it when the key is absent; those without raise TomlMissing."""

    def __init__(self, text: TomlText, path: Path = (), values: Mapping[str, Any] | None = None) -> None:
        self._text = text
        self._path = path
        self._values = text.values if values is None else values
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def keys(self) -> tuple[str, ...]:
        return tuple(self._values)

    def refuse(self, key: str, problem: str, item: int | None = None) -> NoReturn:
        """Raises TomlWrong for a key of this table, or for one item of the array that it holds."""
        path = (*self._path, key)
        line = self._text.line(path if item is None else (*path, str(item)))
        raise TomlWrong(line, ".".join(path), problem)

    def text(self, key: str, default: str | None = None, least: int = 1, most: int = 1024) -> str:
        value = self._take(key, default)
        if not isinstance(value, str):
            self.refuse(key, "must be a text")
        if value is not default and not least <= len(value) <= most:
            self.refuse(key, f"must have {least} to {most} letters")
        return value

    def integer(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self._take(key, default)
        if type(value) is not int:
            self.refuse(key, "must be a whole number")
        if not least <= value <= most:
            self.refuse(key, f"must lie between {least} and {most}")
        return value

    def boolean(self, key: str, default: bool) -> bool:
        value = self._take(key, default)
        if type(value) is not bool:
            self.refuse(key, "must be true or false")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None, most: int = 64) -> tuple[str, ...]:
        """A list of texts, none of them empty."""
        value = self._take(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
            self.refuse(key, "must be a list of texts")
        if len(value) > most:
            self.refuse(key, f"must have at most {most} entries")
        return tuple(value)

    def table(self, key: str, optional: bool = False) -> Table:
        """The table under `key`; an empty one when it is absent and optional."""
        value = self._take(key, {} if optional else None)
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(self._text, (*self._path, key), value)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The elements of an array of tables; () when it is absent."""
        value = self._take(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, dict) for item in value):
            self.refuse(key, "must be an array of tables")
        return tuple(Table(self._text, (*self._path, key, str(index)), item) for index, item in enumerate(value))

    def done(self) -> None:
        """Refuses every key that nobody took."""
        for key in self._values:
            if key not in self._taken:
                path = (*self._path, key)
                raise TomlUnknown(self._text.line(path), ".".join(path), "unknown key")

    def _take(self, key: str, default: Any) -> Any:
        self._taken.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            raise TomlMissing(".".join((*self._path, key)))
        return default

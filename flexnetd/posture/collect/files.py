"""Reading files of the system: bounded, and without trusting their encoding."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LONGEST = 256 * 1024


def text_of(path: Path, longest: int = LONGEST) -> str:
    """The file's beginning. Raises OSError."""
    with path.open("rb") as file:
        return file.read(longest).decode("utf-8", "replace")


def text_if_there(path: Path) -> str:
    """ "" where there is no such file. Raises OSError when it is there and may not be read."""
    try:
        return text_of(path)
    except FileNotFoundError:
        return ""


def texts_of(folder: Path, pattern: str) -> Iterable[str]:
    """The files in the order of their names, as a folder NAME.d is read."""
    return (text_of(path) for path in sorted(folder.glob(pattern)))

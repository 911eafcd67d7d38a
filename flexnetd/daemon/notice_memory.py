"""What the operators have announced, kept over a restart.

A maintenance is announced while the portal is there, and matters when it is not: who starts the computer in the middle
of it must be told so, and by when it is over. So the notices are kept in the daemon's own folder, and read again at the
next start. They are told to everybody anyway. It is a convenience: what cannot be read or written is forgotten, and
what is over is not read.

A portal may announce MOST_NOTICES at a time, those that begin first; more would fill everybody's screen and bus.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flexnetd.model.notice import Notice
from flexnetd.wire.json_codec import Malformed, encode, from_plain, parse

LONGEST = 256 * 1024
MOST_NOTICES = 32


@dataclass(frozen=True, slots=True)
class Memory:
    """By profile."""

    notices: Mapping[str, tuple[Notice, ...]]


def remembered(file: Path, now: float) -> dict[str, tuple[Notice, ...]]:
    """Those that are not over at `now`, in seconds since the epoch."""
    try:
        with file.open("rb") as source:
            memory = from_plain(Memory, parse(source.read(LONGEST + 1), LONGEST))
    except (OSError, Malformed):
        return {}
    current = {name: tuple(n for n in notices if now < n.ends_at) for name, notices in memory.notices.items()}
    return {name: notices for name, notices in current.items() if notices}


def in_order(notices: Mapping[str, tuple[Notice, ...]]) -> tuple[Notice, ...]:
    """Of every portal, in the order of their start."""
    return tuple(sorted((notice for each in notices.values() for notice in each), key=_start))


def of_one_portal(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """As many as a portal may announce."""
    return tuple(sorted(notices, key=_start)[:MOST_NOTICES]) if len(notices) > MOST_NOTICES else notices


def _start(notice: Notice) -> tuple[int, str]:
    return notice.starts_at, notice.id


def remember(file: Path, notices: Mapping[str, tuple[Notice, ...]]) -> None:
    """A file of its own name is written first: nobody reads half of it."""
    new = file.with_suffix(".new")
    with contextlib.suppress(OSError):
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(encode(Memory(notices)))
        new.replace(file)

"""The user name that a person signed in with last, in their own configuration.

`$XDG_CONFIG_HOME/flexnet/user-names.json` (by default under ~/.config), readable by its owner only: {profile: name}.
It is a convenience: what cannot be read or written is forgotten silently.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

LONGEST_FILE = 64 * 1024


def remembered_user_name(profile: str, environment: Mapping[str, str] = os.environ) -> str:
    """The name used last with `profile`, or ""."""
    name = _read(_file(environment)).get(profile, "")
    return name if isinstance(name, str) and name.isprintable() else ""


def remembered_user_names(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Every name that is remembered, whatever the profile."""
    return tuple(name for name in _read(_file(environment)).values() if isinstance(name, str))


def remember_user_name(profile: str, name: str, environment: Mapping[str, str] = os.environ) -> None:
    file = _file(environment)
    known = _read(file)
    if not name or known.get(profile) == name:
        return
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            json.dump({**known, profile: name}, target, ensure_ascii=False)
        written.replace(file)


def _file(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "/nonexistent"), ".config"))
    return Path(home, "flexnet", "user-names.json")


def _read(file: Path) -> dict[str, object]:
    with contextlib.suppress(OSError, ValueError), file.open(encoding="utf-8") as source:
        known = json.loads(source.read(LONGEST_FILE))
        if isinstance(known, dict):
            return known
    return {}

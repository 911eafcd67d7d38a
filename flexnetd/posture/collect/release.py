"""Which release this is, and the distribution's own table of their ends."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flexnetd.posture.collect.files import text_if_there, text_of
from flexnetd.posture.release_support import ReleaseFacts, words_of


def release(now: float, root: Path) -> ReleaseFacts:
    """Raises OSError without an os-release."""
    told = text_of(root / "etc/os-release")
    name = words_of(told).get("ID", "")
    table = text_if_there(root / "usr/share/distro-info" / f"{name}.csv") if name.isalnum() else ""
    return ReleaseFacts(datetime.fromtimestamp(now, UTC).date(), told, table)

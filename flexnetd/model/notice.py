"""What the operator announces: a maintenance window or a plain message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

LONGEST_TEXT = 1000
MOST_LINES = 12
"""Of a notice's text, what every front end shows whole and an operator may announce."""


class NoticeKind(Enum):
    MAINTENANCE = "maintenance"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Notice:
    """`starts_at` and `ends_at` are seconds since the epoch, UTC. `text` is by language ("de", "en")."""

    id: str
    kind: NoticeKind
    starts_at: int
    ends_at: int
    affected: tuple[str, ...]
    still_working: tuple[str, ...]
    text: Mapping[str, str]

    def under_way(self, now: float) -> bool:
        return self.starts_at <= now < self.ends_at

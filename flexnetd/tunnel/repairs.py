"""How often something of ours was put back, and when we stop. Pure but for the values' own order in time.

Two managers that each put things back as they want them fight for ever, and the machine with them. So what somebody
undid is put back `MOST` times in `WITHIN_S`; after that it stays as it is until the time is over, and the person is
told who undoes it. Then there is one more round: whoever undid it may have gone.

Only what was as wanted and is not any more is a repair: another gateway, another network or a new sign-in change the
same things for their own reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flexnetd.tunnel.changes import (
    AddAddress,
    AddRoute,
    Change,
    LoadGuard,
    RemoveAddress,
    RemoveRoute,
    RevertNames,
    SetDown,
    SetMtu,
    SetNames,
    SetPeer,
    SetUp,
)

MOST = 3
WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Repairs:
    """What was put back, and when."""

    made: tuple[tuple[str, float], ...] = ()

    def after(self, changes: Iterable[Change], now: float) -> Repairs:
        """With these repairs, and without those that do not count any more."""
        lately = tuple((thing, at) for thing, at in self.made if now - at < WITHIN_S)
        things = dict.fromkeys(thing_of(change) for change in changes)  # at once is one time
        return Repairs(lately + tuple((thing, now) for thing in things))

    def worn(self, change: Change, now: float) -> bool:
        """Whether what this change is about was put back too often to be put back now."""
        thing = thing_of(change)
        return sum(made == thing and now - at < WITHIN_S for made, at in self.made) >= MOST


def thing_of(change: Change) -> str:  # noqa: PLR0911 - one line a kind
    """What the change is about, in a person's words."""
    match change:
        case LoadGuard():
            return "guard"
        case SetMtu() | SetUp() | SetDown():
            return "link"
        case SetPeer():
            return "peer"
        case AddAddress(_, address) | RemoveAddress(_, address):
            return f"address {address}"
        case AddRoute(route) | RemoveRoute(route):
            return f"route {route.prefix}"
        case SetNames() | RevertNames():
            return "names"
        case _:
            return ""

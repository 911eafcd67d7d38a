"""How long to wait before the portal is asked again. Pure."""

from __future__ import annotations

SHORTEST_S = 0.5
LONGEST_S = 30.0


def pause_s(failures: int, chance: float) -> float:
    """After so many failures in a row, at least 1. `chance` from 0 to 1 spreads the agents of a portal that comes back:
    between half and all of a time that doubles with each failure."""
    longest = min(LONGEST_S, SHORTEST_S * 2.0 ** min(failures - 1, 16))
    return longest * (0.5 + chance / 2)

"""One figure: its samples, its unit, and what it should be."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """`aim` is the most that the median should be, in `unit`; None where none was set. `command` makes it again."""

    name: str
    unit: str
    samples: tuple[float, ...]
    command: str
    aim: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def met(self) -> bool | None:
        return None if self.aim is None else self.median <= self.aim

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "least": min(self.samples),
            "most": max(self.samples),
            "samples": list(self.samples),
            "aim": self.aim,
            "met": self.met,
            "command": self.command,
        }

    def row(self) -> str:
        """A row of the table in docs/PERFORMANCE.md."""
        spread = f"{min(self.samples):.3g} to {max(self.samples):.3g}, n={len(self.samples)}"
        aim = "" if self.aim is None else f"{self.aim:.3g} {self.unit}"
        met = {None: "", True: "yes", False: "no"}[self.met]
        return f"| {self.name} | {self.median:.3g} {self.unit} | {spread} | {aim} | {met} | `{self.command}` |"


def percentile(samples: list[float], part: float) -> float:
    """The sample below which `part` (0 to 1) of all lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

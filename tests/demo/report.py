"""The demo's report, build/demo/report.json. docs/demo-report.schema.json describes it; a test compares them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import Path

VERSION = 1
FILE = Path(__file__).resolve().parents[2] / "build" / "demo" / "report.json"


class Outcome(Enum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """An earlier step failed."""


@dataclass
class StepReport:
    """`measures` are seconds by name; `told` the lines that the demo printed for this step."""

    number: int
    name: str
    title: str
    outcome: Outcome = Outcome.SKIPPED
    elapsed_s: float = 0.0
    told: list[str] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)
    problem: str = ""


@dataclass
class Report:
    """`started_at` is seconds since the epoch; `wireguard` "kernel" or "user-space"."""

    started_at: float
    round_trip_ms: float
    page_text: str
    steps: list[StepReport]
    version: int = VERSION
    wireguard: str = ""
    set_up_s: float = 0.0
    elapsed_s: float = 0.0
    problem: str = ""

    @property
    def outcome(self) -> Outcome:
        passed = not self.problem and all(step.outcome is Outcome.PASSED for step in self.steps)
        return Outcome.PASSED if passed else Outcome.FAILED

    def document(self) -> dict[str, object]:
        steps = [{**asdict(step), "outcome": step.outcome.value} for step in self.steps]
        return {**asdict(self), "outcome": self.outcome.value, "steps": steps}

    def write(self, file: Path = FILE) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(self.document(), ensure_ascii=False, indent=1) + "\n")
        draft.rename(file)

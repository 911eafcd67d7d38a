"""Plays the story on its stage and writes the report, whatever happens."""

from __future__ import annotations

import contextlib
import time
import traceback

from tests.demo.checks import NotAsItMustBe
from tests.demo.report import Outcome, Report, StepReport
from tests.demo.stage import ONE_WAY_MS, Stage, page_text_from_environment, set_up, wireguard_of_this_machine
from tests.demo.story import STORY, Step
from tests.demo.telling import Notes, heading, tell, timed


def new_report() -> Report:
    steps = [StepReport(number, step.name, step.title) for number, step in enumerate(STORY, start=1)]
    return Report(time.time(), 2 * ONE_WAY_MS, page_text_from_environment(), steps)


def play(stack: contextlib.ExitStack, report: Report) -> Stage | None:
    """The stage, when it could be set up; what `stack` holds ends it. The report says how it went."""
    start = time.monotonic()
    stage: Stage | None = None
    try:
        heading("FlexNet for Linux, the main job: laptop - home router - Internet - portal and gateway - intranet")
        report.wireguard = wireguard_of_this_machine()
        stage = set_up(stack, report.page_text)
        report.set_up_s = round(time.monotonic() - start, 3)
        heading(
            f"     the world stands after {report.set_up_s:.2f} s, round trip {report.round_trip_ms:g} ms, "
            f"WireGuard: {report.wireguard}\n"
        )
        for step, told in zip(STORY, report.steps, strict=True):
            _play_step(step, told, stage)
            if told.outcome is Outcome.FAILED:
                break
    except Exception as problem:  # noqa: BLE001 - told to whoever runs the demo, and in the report
        report.problem = _told(problem)
        heading(f"     ! {report.problem}")
    report.elapsed_s = round(time.monotonic() - start, 3)
    report.write()
    return stage


def _play_step(step: Step, told: StepReport, stage: Stage) -> None:
    with timed(told):
        try:
            step.play(stage, Notes(told))
            told.outcome = Outcome.PASSED
        except Exception as problem:  # noqa: BLE001 - a step that fails ends the story, not the demo
            told.outcome = Outcome.FAILED
            told.problem = _told(problem)
    tell(told)


def _told(problem: Exception) -> str:
    if isinstance(problem, NotAsItMustBe | AssertionError):
        return str(problem)
    return "".join(traceback.format_exception(problem)).strip()

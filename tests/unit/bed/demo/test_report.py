"""The demo's report is what its schema says, and is written whatever happens."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from tests.demo.play import new_report
from tests.demo.report import Outcome, Report, StepReport
from tests.demo.story import STORY

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[4] / "docs" / "demo-report.schema.json").read_text())


def names(kind: type[Report | StepReport]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def test_the_schema_has_every_field_and_no_other() -> None:
    step = SCHEMA["properties"]["steps"]["items"]
    assert set(SCHEMA["properties"]) == set(SCHEMA["required"]) == names(Report) | {"outcome"}
    assert set(step["properties"]) == set(step["required"]) == names(StepReport)


def test_the_schema_knows_every_outcome() -> None:
    assert set(SCHEMA["properties"]["steps"]["items"]["properties"]["outcome"]["enum"]) == {o.value for o in Outcome}


def test_the_written_report_has_the_types_that_the_schema_says(tmp_path: Path) -> None:
    report = new_report()
    report.wireguard = "kernel"
    report.steps[0].measures["touch_to_online_s"] = 0.5
    report.write(tmp_path / "deep" / "report.json")
    written = json.loads((tmp_path / "deep" / "report.json").read_text())
    assert_fits(written, SCHEMA)


def assert_fits(value: Any, schema: dict[str, Any]) -> None:
    """As much of JSON Schema as our schema uses."""
    kinds: dict[str, tuple[type, ...]] = {
        "object": (dict,),
        "array": (list,),
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
    }
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), (value, schema)
    if "enum" in schema:
        assert value in schema["enum"]
    if "const" in schema:
        assert value == schema["const"]
    for name, inner in schema.get("properties", {}).items():
        assert_fits(value[name], inner)
    for item in value if isinstance(value, list) else ():
        assert_fits(item, schema["items"])


def test_a_report_passes_only_when_every_step_did() -> None:
    report = new_report()
    assert report.document()["outcome"] == "failed"
    for step in report.steps:
        step.outcome = Outcome.PASSED
    assert report.document()["outcome"] == "passed"
    report.problem = "the world could not be set up"
    assert report.document()["outcome"] == "failed"


def test_the_story_has_the_ten_steps_of_the_main_job() -> None:
    assert [step.name for step in STORY] == [
        "discover",
        "sign-in",
        "page-by-name",
        "page-by-another",
        "internet-stays-direct",
        "crash-and-adoption",
        "renewal",
        "typed-code",
        "sign-out",
        "failures",
    ]

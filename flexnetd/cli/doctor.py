"""`flexnet doctor`: the findings in plain sentences, each with what to do next."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from flexnetd.cli import json_form
from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.terminal import Terminal
from flexnetd.client.doctor import SUBJECTS, Finding, Outcome, examine
from flexnetd.client.language import Language, msg
from flexnetd.client.sentences import told
from flexnetd.client.sentences.facts import printable

_LOOKING = msg("Looking for the cause")
_ALL_WELL = msg("Everything that was looked at is as it should be.")

MARKS: Mapping[Outcome, str] = {
    Outcome.PASS: msg("in order"),
    Outcome.FAIL: msg("not in order"),
    Outcome.UNKNOWN: msg("not known"),
}


def doctor(options: Namespace, terminal: Terminal) -> ExitCode:
    findings = []
    terminal.work_on(terminal.language.text(_LOOKING))
    for finding in examine(terminal.spin):
        findings.append(finding)
        if not options.json:
            for line in finding_lines(finding, terminal.language):
                terminal.say(line)
            terminal.work_on(terminal.language.text(_LOOKING))
    terminal.rest()
    failed = any(finding.outcome is Outcome.FAIL for finding in findings)
    if options.json:
        documents = [_document(finding, terminal.language) for finding in findings]
        terminal.say(json_form.line({"findings": documents}))
    elif all(finding.outcome is Outcome.PASS for finding in findings):
        terminal.say(terminal.language.text(_ALL_WELL))
    return ExitCode.FAILED if failed else ExitCode.DONE


def finding_lines(finding: Finding, language: Language) -> Iterator[str]:
    evidence = f" ({printable(finding.evidence)})" if finding.evidence else ""
    yield f"{language.text(SUBJECTS[finding.subject])}: {language.text(MARKS[finding.outcome])}{evidence}"
    if finding.reason is not None:
        yield from ("    " + line for line in told(finding.reason, language).lines)
    if finding.missing:
        yield "    " + language.text(finding.missing)


def _document(finding: Finding, language: Language) -> dict[str, Any]:
    return {
        "subject": finding.subject.value,
        "outcome": finding.outcome.value,
        "evidence": finding.evidence,
        "reason": json_form.fault_document(finding.reason, language) if finding.reason else None,
    }

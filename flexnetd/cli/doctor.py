"""`flexnet doctor`: the findings in plain sentences, each with what to do next; and the bundle for the IT service."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from flexnetd.cli import json_form
from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.terminal import Terminal
from flexnetd.client.bundle.pieces import pieces
from flexnetd.client.bundle.writing import bundle_text, write_new
from flexnetd.client.doctor import Finding, Outcome, examine
from flexnetd.client.doctor.wording import report_lines
from flexnetd.client.language import Language, msg
from flexnetd.client.sentences.facts import printable, size_text

_LOOKING = msg("Looking for the cause")
_CONTENTS = msg("The file {file} holds:")
_PIECE = msg("  {name}: {about} ({size})")
_WITHOUT = msg(
    "It is plain text, and nothing else is in it. Keys, codes and passwords are taken out, and so are the names of"
    " people and of this computer."
)
_WITH_NAMES = msg(
    "It is plain text, and nothing else is in it. Keys, codes and passwords are taken out; names are left in, as you"
    " wished."
)
_WRITTEN = msg("{file} is written. Please read it before you send it to the IT service.")
_ALL_WELL = msg("Everything that was looked at is as it should be.")


def doctor(options: Namespace, terminal: Terminal) -> ExitCode:
    terminal.work_on(terminal.language.text(_LOOKING))
    findings = examine(terminal.spin)
    terminal.rest()
    if not options.json:
        _tell(findings, terminal)
    if options.bundle:
        _write_bundle(options, findings, terminal)
    if options.json:
        documents = [_document(finding, terminal.language) for finding in findings]
        terminal.say(json_form.line({"findings": documents}))
    failed = any(finding.outcome is Outcome.FAIL for finding in findings)
    return ExitCode.FAILED if failed else ExitCode.DONE


def _tell(findings: tuple[Finding, ...], terminal: Terminal) -> None:
    for line in report_lines(findings, terminal.language):
        terminal.say(line)
    if all(finding.outcome is Outcome.PASS for finding in findings):
        terminal.say(terminal.language.text(_ALL_WELL))


def _write_bundle(options: Namespace, findings: tuple[Finding, ...], terminal: Terminal) -> None:
    """Beside the result, so that JSON stays alone on standard output. Raises Fault FILE_NOT_WRITTEN."""
    language = terminal.language
    found = pieces("\n".join(report_lines(findings, language)), with_names=options.with_names)
    terminal.tell(language.text(_CONTENTS, file=printable(options.bundle)))
    for piece in found:
        size = size_text(language, len(piece.text.encode()))
        terminal.tell(language.text(_PIECE, name=piece.name, about=language.text(piece.about), size=size))
    terminal.tell(language.text(_WITH_NAMES if options.with_names else _WITHOUT))
    write_new(options.bundle, bundle_text(found))
    terminal.tell(language.text(_WRITTEN, file=printable(options.bundle)))


def _document(finding: Finding, language: Language) -> dict[str, Any]:
    return {
        "subject": finding.subject.value,
        "outcome": finding.outcome.value,
        "evidence": finding.evidence,
        "reason": json_form.fault_document(finding.reason, language) if finding.reason else None,
        "note": finding.note.in_language(language) if finding.note else "",
        "verdict": json_form.verdict_document(finding.verdict, language) if finding.verdict else None,
    }

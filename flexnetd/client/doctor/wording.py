"""A finding as lines for a person: what was looked at and how it is, then what it means and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from flexnetd.client.doctor.findings import SUBJECTS, Finding, Note, Outcome
from flexnetd.client.duties import advice_text, check_text, duty_text
from flexnetd.client.language import Language, msg
from flexnetd.client.sentences import told
from flexnetd.client.sentences.facts import printable

MARKS: Mapping[Outcome, str] = {
    Outcome.PASS: msg("in order"),
    Outcome.FAIL: msg("not in order"),
    Outcome.UNKNOWN: msg("not known"),
}


def report_lines(findings: Sequence[Finding], language: Language) -> Iterator[str]:
    """Neighbours that are not known for one and the same reason are told together."""
    for _, group in groupby(findings, key=lambda finding: _reason_not_known(finding) or id(finding)):
        same = list(group)
        subjects = ", ".join(language.text(SUBJECTS[finding.subject]) for finding in same)
        evidence = _evidence(same[0], language)
        yield f"{subjects}: {language.text(MARKS[same[0].outcome])}" + (f" ({evidence})" if evidence else "")
        yield from ("    " + line for line in _explained(same[0], language) if line)


def _reason_not_known(finding: Finding) -> Note | None:
    return finding.note if finding.outcome is Outcome.UNKNOWN and not finding.evidence else None


def _evidence(finding: Finding, language: Language) -> str:
    if finding.verdict is not None and finding.outcome is Outcome.PASS:
        return check_text(finding.verdict, language)
    return printable(finding.evidence)


def _explained(finding: Finding, language: Language) -> Iterator[str]:
    if finding.reason is not None:
        yield from told(finding.reason, language).lines
    if finding.note is not None:
        yield finding.note.in_language(language)
    if finding.verdict is not None and finding.outcome is not Outcome.PASS:
        yield duty_text(finding.verdict, language)
        yield advice_text(finding.verdict, language)

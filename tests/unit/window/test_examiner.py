"""What the examiner prints, from what `flexnet doctor` says."""

from __future__ import annotations

import pytest

from flexnetd.client.doctor import Finding, Outcome, Subject
from flexnetd.client.doctor.wording import report_lines
from flexnetd.client.language import language_named
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.window.activity import Examining
from flexnetd.window.examiner import told

FINDINGS = (
    Finding(Subject.NETWORK, Outcome.PASS, "eth0"),
    Finding(Subject.KEY, Outcome.FAIL, reason=Fault(Code.KEY_ABSENT)),
    Finding(Subject.CLOCK, Outcome.UNKNOWN),
)


@pytest.mark.parametrize("tag", ["de", "en"])
def test_every_finding_keeps_its_outcome_and_its_words(tag: str) -> None:
    language = language_named(tag)
    examining = Examining()
    for line in told(report_lines(FINDINGS, language), language):
        examining = examining.with_line(line)
    assert [found.outcome for found in examining.found] == ["pass", "fail", "unknown"]
    assert "FN-301" in examining.found[1].lines[0]

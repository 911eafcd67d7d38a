"""How a check says what it found."""

from __future__ import annotations

from flexnetd.model.posture import Answer, Check, Reason, Verdict

DAY_S = 86400


class NotKnown(Exception):  # noqa: N818 - what it says is an answer, not an error
    """The evidence could not be had. `detail` names the file or program."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


def passed(check: Check, **evidence: str) -> Verdict:
    return Verdict(check, Answer.PASS, Reason.FULFILLED, evidence)


def failed(check: Check, reason: Reason, **evidence: str) -> Verdict:
    return Verdict(check, Answer.FAIL, reason, evidence)


def unknown(check: Check, reason: Reason, **evidence: str) -> Verdict:
    return Verdict(check, Answer.UNKNOWN, reason, evidence)


def not_known(check: Check, why: NotKnown) -> Verdict:
    return unknown(check, why.reason, detail=why.detail)


def days(seconds: float) -> str:
    """Whole days, as evidence tells an age."""
    return str(int(seconds // DAY_S))

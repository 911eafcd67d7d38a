"""Every check and every reason has words in both languages, and a failure says what to do."""

from __future__ import annotations

import pytest

from flexnetd.client.duties import WORDS, advice_text, duty_lines, duty_text
from flexnetd.client.language import language_named
from flexnetd.client.sentences.facts import KNOWN_WORDS
from flexnetd.model.posture import Answer, Check, Reason, Verdict

GERMAN, ENGLISH = language_named("de"), language_named("en")
OFF = Verdict(Check.FIREWALL, Answer.FAIL, Reason.FIREWALL_OFF, {"ufw": "off"})


def test_every_check_and_every_reason_has_words() -> None:
    assert set(WORDS) == set(Reason)
    assert {check.value for check in Check} <= set(KNOWN_WORDS)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told_in_german_with_what_to_do(reason: Reason) -> None:
    verdict = Verdict(Check.FIREWALL, Answer.UNKNOWN, reason)
    assert duty_text(verdict, GERMAN) != duty_text(verdict, ENGLISH)
    assert (advice_text(verdict, GERMAN) == "") == (reason is Reason.FULFILLED)
    assert reason is Reason.FULFILLED or advice_text(verdict, GERMAN) != advice_text(verdict, ENGLISH)


@pytest.mark.parametrize("check", Check)
def test_every_check_is_named_in_german(check: Check) -> None:
    verdict = Verdict(check, Answer.FAIL, Reason.TOOL_FAILED)
    assert duty_text(verdict, GERMAN).partition(":")[0][0].isupper()
    assert (
        check is Check.FIREWALL or duty_text(verdict, GERMAN).split(":")[0] != duty_text(verdict, ENGLISH).split(":")[0]
    )


def test_what_is_in_order_is_not_mentioned() -> None:
    assert duty_lines((Verdict(Check.RESTART, Answer.PASS, Reason.FULFILLED),), ENGLISH) == ()
    assert duty_lines((OFF,), ENGLISH) == (
        "Firewall: no firewall is switched on",
        "  Please switch the firewall on, for example by “sudo ufw enable”.",
    )
    assert duty_lines((OFF,), GERMAN)[0] == "Firewall: es ist keine Firewall eingeschaltet"

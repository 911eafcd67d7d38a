"""What the pages say about a fault."""

from __future__ import annotations

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.pages.language import language_named
from flexnetd.portal.pages.sentences import told

ENGLISH = language_named("en")


def test_a_wait_is_told_in_minutes_rounded_up() -> None:
    words = told(Fault(Code.TOO_MANY_TRIES, retry_after_s=61), ENGLISH)
    assert (words.code, words.next_step) == ("FN-210", "Please wait 2 min and try again.")


def test_a_code_without_words_here_is_an_internal_one() -> None:
    assert told(Fault(Code.NO_GATEWAY), ENGLISH).code == Code.INTERNAL.value


def test_the_shortest_password_is_named() -> None:
    assert "12 characters" in told(Fault(Code.PASSWORD_TOO_WEAK, minimum_length=12), ENGLISH).next_step

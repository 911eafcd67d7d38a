"""One line on where a session stands."""

from __future__ import annotations

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.phrases import PROMPTS, STAGES, STATES, state_text
from flexnetd.client.views import SessionView, details_from_plain
from flexnetd.model.session_words import PromptKind, Stage, State

GERMAN = language_named("de")
DETAILS = details_from_plain({"ends_at": 1_795_543_200})
NOW = 1_795_532_400.0


def test_every_word_of_a_session_has_its_phrase() -> None:
    assert (set(STATES), set(STAGES), set(PROMPTS)) == (set(State), set(Stage), set(PromptKind))


@pytest.mark.usefixtures("berlin")
def test_the_owner_is_told_until_when() -> None:
    session = SessionView(State.ONLINE, None, 0, 70001, True)
    assert state_text(GERMAN, session, DETAILS, NOW) == "Verbunden bis 19:00 Uhr"


def test_an_end_that_is_not_known_is_not_told() -> None:
    session = SessionView(State.ONLINE, None, 0, 70001, True)
    assert state_text(GERMAN, session, None, NOW) == "Verbunden"
    assert state_text(GERMAN, session, details_from_plain({}), NOW) == "Verbunden"


def test_another_person_is_told_only_that_somebody_is_signed_in() -> None:
    session = SessionView(State.ONLINE, None, 0, 70001, False)
    assert state_text(GERMAN, session, None, NOW) == "Eine andere Person ist an diesem Computer angemeldet"


def test_nobodys_session_is_told_by_its_state() -> None:
    assert state_text(GERMAN, SessionView(State.SIGNED_OUT, None, 0, None, False), None, NOW) == "Nicht angemeldet"

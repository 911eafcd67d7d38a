"""What is said of states, stages and prompts, for every front end."""

from __future__ import annotations

from collections.abc import Mapping

from flexnetd.client.language import Language, msg
from flexnetd.client.times import time_text
from flexnetd.client.views import Details, SessionView
from flexnetd.model.session_words import PromptKind, Stage, State

STATES: Mapping[State, str] = {
    State.SIGNED_OUT: msg("Not signed in"),
    State.SIGNING_IN: msg("Signing in"),
    State.CONNECTING: msg("Connecting"),
    State.ONLINE: msg("Connected"),
    State.RECONNECTING: msg("The connection is being restored"),
    State.WAITING: msg("Waiting; goes on by itself"),
    State.CONFLICT: msg("Not connected: another network is in the way"),
    State.SIGNING_OUT: msg("Signing out"),
}

STAGES: Mapping[Stage, str] = {
    Stage.INPUT: msg("Waiting for your input"),
    Stage.CONTACTING: msg("Contacting the portal"),
    Stage.TOUCH: msg("Please touch the button of the YubiKey now"),
    Stage.VERIFYING: msg("The portal is checking"),
    Stage.CONNECTING: msg("Connecting"),
    Stage.FINISHED: msg("Finished"),
}

PROMPTS: Mapping[PromptKind, str] = {
    PromptKind.USERNAME: msg("User name"),
    PromptKind.PASSWORD: msg("Password"),
    PromptKind.NEW_PASSWORD: msg("New password"),
    PromptKind.ACTIVATION: msg("Activation code from your letter"),
    PromptKind.OTP: msg("Press the button of the YubiKey"),
    PromptKind.PIN: msg("PIN of the security key"),
}

CONNECTED_UNTIL = msg("Connected until {time}")
EXTENDED_UNTIL = msg("Extended until {time}")
SOMEBODY_ELSE = msg("Somebody else is signed in on this computer")

_OWNED = frozenset(State) - {State.SIGNED_OUT}


def state_text(language: Language, session: SessionView, details: Details | None, now: float) -> str:
    """One line on where a session stands. `details` is None for everybody but its owner."""
    if session.state in _OWNED and session.owner_uid is not None and not session.mine and details is None:
        return language.text(SOMEBODY_ELSE)
    if session.state is State.ONLINE and details is not None and details.ends_at is not None:
        return language.text(CONNECTED_UNTIL, time=time_text(language, details.ends_at, now))
    return language.text(STATES[session.state])

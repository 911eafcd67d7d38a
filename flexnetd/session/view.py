"""The session as others see it. Derived, never stored, so it cannot be stale."""

from __future__ import annotations

from flexnetd.model.fault import Fault
from flexnetd.model.session_words import State
from flexnetd.session.states import Phase, Session

_FIRST = {
    Phase.SIGNED_OUT: State.SIGNED_OUT,
    Phase.ASKING: State.SIGNING_IN,
    Phase.PREPARING: State.SIGNING_IN,
    Phase.PROVING: State.SIGNING_IN,
    Phase.RESOLVING: State.CONNECTING,
    Phase.ATTEMPTING: State.CONNECTING,
    Phase.NAMING: State.CONNECTING,
    Phase.CHECKING: State.CONNECTING,
    Phase.ONLINE: State.ONLINE,
    Phase.WAITING: State.WAITING,
    Phase.CONFLICT: State.CONFLICT,
    Phase.LEAVING: State.SIGNING_OUT,
}


def public_state(session: Session) -> State:
    state = _FIRST[session.phase]
    return State.RECONNECTING if state is State.CONNECTING and not session.first else state


def reason(session: Session) -> Fault | None:
    """Why the state is what it is: what failed last, or what is waited for."""
    return session.last_fault


def holder_uid(session: Session) -> int | None:
    """Who has the session or the sign-in."""
    if session.owner_uid is not None:
        return session.owner_uid
    return session.login.uid if session.login else None

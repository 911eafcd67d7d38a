"""Being online: what a sign-in or a reconnection ends in, and how the session's time runs from then on."""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session import leaving
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Phase, Session
from flexnetd.session.step import Step, record, warnings
from flexnetd.wire.digest import Purpose

BUSY_LOOK_S = 0.7


def arrive(session: Session) -> Step:
    """The sign-in is a success. The record comes first: once the person was told, a crash keeps the session."""
    login = session.login
    finished: tuple[do.Effect, ...] = ()
    if login is not None and login.purpose is Purpose.LOGIN:
        finished = (do.FinishLogin(login.id, None),)
        session = replace(session, login=None)
    session = replace(
        session, phase=Phase.ONLINE, first=False, last_fault=None, silent=None, doubted=False, look_s=BUSY_LOOK_S
    )
    return session, (
        record(session, RecordStep.ONLINE),
        *finished,
        do.TellDetails(),
        do.CancelTimer(do.Timer.ATTEMPT),
        do.ArmTimer(do.Timer.LOOK, BUSY_LOOK_S),
        *warnings(session, session.ends_at - (session.grant.ends_in_s if session.grant else 0)),
    )


def time_passes(session: Session, event: on.TimerRang) -> Step:
    """END ends the session without asking the portal, which knows; WARNING tells the owner and arms the next."""
    if event.timer is do.Timer.END:
        return leaving.leave(session, Fault(Code.SESSION_ENDED), tell_portal=False)
    return session, (do.TellDetails(), *warnings(session, event.at))

"""Every way out: LEAVING, then SIGNED_OUT.

The record is retired first, so that a daemon that dies on the way is followed by one that cleans. Then the tunnel goes.
The portal is told at the same time and has GOODBYE_S to answer. The login's end is told last, when the state is signed
out, so that who tries again at once is not refused; or after GOODBYE_S, whatever the machine does.
"""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import BEFORE_GRANT, Phase, Session
from flexnetd.session.step import Step, ignored, next_ticket

GOODBYE_S = 3.0


def leave(session: Session, fault: Fault | None, *, tell_portal: bool = True) -> Step:
    """Ends the session or the sign-in. `fault` stays readable as what failed last; None when the person wanted it."""
    session = replace(session, last_fault=fault)
    login = session.login
    hang_up: tuple[do.Effect, ...] = (do.CancelWorker(login.id),) if login is not None else ()
    hang_up += tuple(do.CancelTimer(timer) for timer in do.Timer)
    if session.phase is Phase.ASKING and session.link is None:
        after, effects = _signed_out(session)
        return after, (*hang_up, *effects)
    told = session.grant is None or not tell_portal
    session = next_ticket(replace(session, phase=Phase.LEAVING, tunnel_gone=False, portal_told=told))
    tell = (do.TellPortal(session.grant.token),) if session.grant is not None and not told else ()
    goodbye = do.ArmTimer(do.Timer.GOODBYE, GOODBYE_S)
    return session, (*hang_up, do.RetireRecord(), do.TakeDown(session.ticket), *tell, goodbye)


def fail(session: Session, event: on.TunnelFailed | on.LoginFailed | on.LoginAbandoned | on.RecordFailed) -> Step:
    return leave(session, event.fault)


def sign_out(session: Session, _event: on.DisconnectAsked) -> Step:
    """During a sign-in this cancels it."""
    return leave(session, Fault(Code.CANCELLED) if session.first else None)


def owner_left(session: Session, event: on.OwnerLeft) -> Step:
    holder = session.login.uid if session.phase in BEFORE_GRANT and session.login else session.owner_uid
    return leave(session, None) if holder == event.uid else ignored(session)


def ended_by_portal(session: Session, event: on.SessionEndedByPortal) -> Step:
    return leave(session, event.fault, tell_portal=False)


def tunnel_gone(session: Session, _event: on.TunnelGone) -> Step:
    session = replace(session, tunnel_gone=True, link=None)
    after, effects = _when_done(session)
    return after, (do.EraseRecord(), *effects)


def portal_told(session: Session, _event: on.PortalTold) -> Step:
    return _when_done(replace(session, portal_told=True))


def timer(session: Session, event: on.TimerRang) -> Step:
    """Nobody waits longer for the end, even if the machine refuses to be cleaned; that goes on being tried."""
    if event.timer is not do.Timer.GOODBYE:
        return ignored(session)
    session = replace(session, portal_told=True)
    if session.tunnel_gone:
        return _signed_out(session)
    return replace(session, login=None), _finished(session)


def stop(session: Session, event: on.StopAsked) -> Step:
    """A restart keeps what was online once; everything else is taken down before the process ends."""
    session = replace(session, stopping=True)
    if session.phase is Phase.SIGNED_OUT:
        return session, (do.Exit(),)
    if session.phase is Phase.LEAVING:
        return session, ()
    if not (event.keep and not session.first):
        return leave(session, Fault(Code.CANCELLED) if session.first else None)
    login = session.login
    if login is None:
        return session, (do.Exit(),)
    return session, (do.CancelWorker(login.id), do.FinishLogin(login.id, Fault(Code.CANCELLED)), do.Exit())


def _when_done(session: Session) -> Step:
    return _signed_out(session) if session.tunnel_gone and session.portal_told else (session, ())


def _signed_out(session: Session) -> Step:
    effects: tuple[do.Effect, ...] = (do.CancelTimer(do.Timer.GOODBYE), *_finished(session))
    if session.stopping:
        effects += (do.Exit(),)
    return Session(ticket=session.ticket, last_fault=session.last_fault, stopping=session.stopping), effects


def _finished(session: Session) -> tuple[do.Effect, ...]:
    if session.login is None:
        return ()
    return (do.FinishLogin(session.login.id, session.last_fault or Fault(Code.CANCELLED)),)

"""ONLINE: a handshake, and an answer through the tunnel.

The device is read every 30 s. A handshake older than 135 s while sending means that the gateway is gone (WireGuard
itself renews after 120 s): back to RESOLVING. After any change around us the tunnel is applied again, which costs
nothing when nothing differs, and asked for an answer; only if none comes do we reconnect, so that a foreign link never
makes the state flicker.
"""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import Stage
from flexnetd.session import connecting, leaving
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Phase, Session
from flexnetd.session.step import Step, ignored, next_ticket, record, warnings
from flexnetd.wire.digest import Purpose

LOOK_S = 30.0
STALE_S = 135.0


def arrive(session: Session) -> Step:
    """The sign-in is a success. The record comes last: from here a restart may keep the session."""
    login = session.login
    finished: tuple[do.Effect, ...] = ()
    if login is not None and login.purpose is Purpose.LOGIN:
        finished = (do.FinishLogin(login.id, None),)
        session = replace(session, login=None)
    session = replace(session, phase=Phase.ONLINE, first=False, last_fault=None)
    return session, (
        *finished,
        do.TellDetails(),
        do.CancelTimer(do.Timer.ATTEMPT),
        do.ArmTimer(do.Timer.LOOK, LOOK_S),
        *warnings(session, session.ends_at - _granted(session)),
        record(session, RecordStep.ONLINE),
    )


def _granted(session: Session) -> float:
    return session.grant.ends_in_s if session.grant else 0.0


def look(session: Session, event: on.HandshakeRead) -> Step:
    if event.sending and event.age_s > STALE_S:
        return connecting.reconnect(session, event)
    session = replace(session, handshake=max(session.handshake, event.last))
    return session, (do.ArmTimer(do.Timer.LOOK, LOOK_S),)


def apply_again(session: Session, _event: object) -> Step:
    after, effects = connecting.apply(session, names=True)
    return after, (*effects, do.TriggerHandshake(), do.ArmTimer(do.Timer.LOOK, LOOK_S))


def applied(session: Session, event: on.TunnelApplied) -> Step:
    session = next_ticket(replace(session, health=event.health))
    target = session.grant.check if session.grant else None
    check = (do.CheckTunnel(session.ticket, target),) if target else ()
    return session, (*check, do.ArmTimer(do.Timer.LOOK, LOOK_S))


def checked(session: Session, event: on.CheckAnswered) -> Step:
    return ignored(session) if event.answered else connecting.reconnect(session, event)


def note_health(session: Session, event: on.TunnelApplied) -> Step:
    return replace(session, health=event.health), ()


def record_failed(session: Session, event: on.RecordFailed) -> Step:
    """The session is good; it would not survive a restart. That is a matter of health."""
    return replace(session, health=(*session.health, event.fault)), ()


def timer(session: Session, event: on.TimerRang) -> Step:
    if event.timer is do.Timer.END:
        return leaving.leave(session, Fault(Code.SESSION_ENDED), tell_portal=False)
    if event.timer is do.Timer.WARNING:
        return session, (do.TellDetails(), *warnings(session, event.at))
    if event.timer is do.Timer.LOOK:
        return session, (do.ReadHandshake(session.ticket),)
    if event.timer is do.Timer.INPUT and session.login is not None and session.login.stage is Stage.INPUT:
        login = session.login
        return replace(session, login=None), (do.FinishLogin(login.id, Fault(Code.ANSWER_TIMED_OUT)),)
    return ignored(session)

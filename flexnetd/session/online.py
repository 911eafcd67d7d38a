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
from flexnetd.session import connecting
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.arriving import LOOK_S, time_passes
from flexnetd.session.states import Session
from flexnetd.session.step import Step, ignored, next_ticket

STALE_S = 135.0


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
    if event.timer in {do.Timer.END, do.Timer.WARNING}:
        return time_passes(session, event)
    if event.timer is do.Timer.LOOK:
        return session, (do.ReadHandshake(session.ticket),)
    if event.timer is do.Timer.INPUT and session.login is not None and session.login.stage is Stage.INPUT:
        login = session.login
        return replace(session, login=None), (do.FinishLogin(login.id, Fault(Code.ANSWER_TIMED_OUT)),)
    return ignored(session)

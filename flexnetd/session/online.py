"""ONLINE: a handshake, and an answer through the tunnel.

The device is read now and then: every 0.7 s while somebody works with what is behind the tunnel, since they wait for
it and their computer is awake anyway, and in a pause at doubling distances up to 30 s, so that the daemon wakes twice
a minute for it. Sending without receiving raises a doubt: the check address is asked, and when it is silent the
gateway is gone and the next one follows (`connecting.fail_over`). So an open connection stands still for about 4 s. A
doubt that was answered does not come again for 30 s; a stream that goes one way raises it each time. Without a check
address the sign is a handshake older than 135 s while sending (WireGuard itself renews after 120 s).

After any change around us the tunnel is applied again, which costs nothing when nothing differs, and asked for an
answer; only if none comes do we reconnect, so that a foreign link never makes the state flicker.
"""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import Stage
from flexnetd.session import connecting
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.arriving import BUSY_LOOK_S, time_passes
from flexnetd.session.states import Session
from flexnetd.session.step import Step, ignored, next_ticket

LOOK_S = 30.0
STALE_S = 135.0
BUSY_BYTES = 1024
"""Sent since the reading before: more than keepalives and handshakes of half a minute."""
IDLE_BYTES = 64
"""Of keepalives in half a minute; they are not answered."""
DOUBT_S = 1.2


def look(session: Session, event: on.HandshakeRead) -> Step:
    if event.sent_bytes and event.age_s > STALE_S:
        return connecting.fail_over(session)
    session = replace(session, handshake=max(session.handshake, event.last))
    target = session.grant.check if session.grant else None
    if target and event.sent_bytes > IDLE_BYTES and not event.received_bytes:
        session = next_ticket(replace(session, doubted=True, look_s=LOOK_S))
        return session, (do.CheckTunnel(session.ticket, target, DOUBT_S), do.ArmTimer(do.Timer.LOOK, LOOK_S))
    look_s = BUSY_LOOK_S if event.sent_bytes >= BUSY_BYTES else min(LOOK_S, session.look_s * 2)
    return replace(session, look_s=look_s), (do.ArmTimer(do.Timer.LOOK, look_s),)


def apply_again(session: Session, _event: object) -> Step:
    after, effects = connecting.apply(session, names=True)
    after = replace(after, look_s=BUSY_LOOK_S)
    return after, (*effects, do.TriggerHandshake(), do.ArmTimer(do.Timer.LOOK, BUSY_LOOK_S))


def applied(session: Session, event: on.TunnelApplied) -> Step:
    session = next_ticket(replace(session, health=event.health, doubted=False))
    target = session.grant.check if session.grant else None
    check = (do.CheckTunnel(session.ticket, target),) if target else ()
    return session, (*check, do.ArmTimer(do.Timer.LOOK, session.look_s))


def checked(session: Session, event: on.CheckAnswered) -> Step:
    """After a change around us silence means that the way is another one; in a doubt, that the gateway is gone."""
    if event.answered:
        return replace(session, doubted=False), ()
    return connecting.fail_over(session) if session.doubted else connecting.reconnect(session, event)


def note_health(session: Session, event: on.TunnelApplied) -> Step:
    return replace(session, health=event.health), ()


def record_failed(session: Session, event: on.RecordFailed) -> Step:
    """The session is good; it would not survive a restart. That is a matter of health."""
    return replace(session, health=(*session.health, event.fault)), ()


def timer(session: Session, event: on.TimerRang) -> Step:
    if event.timer in {do.Timer.END, do.Timer.WARNING}:
        return time_passes(session, event)
    if event.timer is do.Timer.LOOK:
        return session, (do.ReadHandshake(session.ticket, pause=session.look_s > BUSY_LOOK_S),)
    if event.timer is do.Timer.INPUT and session.login is not None and session.login.stage is Stage.INPUT:
        login = session.login
        return replace(session, login=None), (do.FinishLogin(login.id, Fault(Code.ANSWER_TIMED_OUT)),)
    return ignored(session)

"""The session: from signed out to online and back, as a function (session, event) -> (session, effects).

The rules
---------
1. Nothing here does anything. Effects are values that the daemon carries out in order; their results come back as
   events.
2. A row of `TABLE` says which events a phase heeds, who handles them and to which phases that can lead. An event
   without a row changes nothing: a late answer is harmless by construction. The diagram in docs/SESSION.md is made
   from the table.
3. An answer belongs to a request. Answers about the tunnel carry the ticket of the request, answers about a login its
   number; `step` drops those that are not the newest, before any row is looked up. One late answer matters: a grant
   for a login that is no more is handed back to the portal, so that no session is left behind there.
4. Before the session was online once (`first`), a failure ends the sign-in and leaves a clean machine. Afterwards only
   four things end it: the person, the owner's logout, its end, the portal. Everything else is waited for and tried
   again.
5. Every way out is the same way out: `leaving.leave`. It retires the record, takes the tunnel down, tells the portal,
   and ends when the machine is clean and the portal had its chance.
6. The end is absolute: END is armed for a moment of CLOCK_BOOTTIME when the grant arrives, and a renewal moves it and
   nothing else.

The way in
----------
SIGNED_OUT -> ASKING (the person answers) -> PREPARING (the interface and its key) -> PROVING (the worker signs in) ->
RESOLVING (the gateways' addresses, outside the tunnel) -> ATTEMPTING (one gateway after the other, 2 s each, until a
handshake) -> NAMING (routing domains on) -> CHECKING (an answer through the tunnel) -> ONLINE. Reconnecting is the
same way from RESOLVING on, with the same key and address. WAITING waits for a network, CONFLICT for a foreign route to
go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flexnetd.session import adopting, connecting, leaving, online, renewing, signing_in
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import BEFORE_GRANT, CONNECTING, WITH_TUNNEL, Phase, Session
from flexnetd.session.step import Step, ignored

Handler = Callable[[Session, Any], Step]


@dataclass(frozen=True, slots=True)
class Row:
    """In any of `phases`, `event` is handled by `handler`, which leads to one of `to` (or stays)."""

    phases: frozenset[Phase]
    event: type[on.Event]
    handler: Handler
    to: frozenset[Phase]


def _row(phases: Phase | Iterable[Phase], event: type[on.Event], handler: Handler, *to: Phase) -> Row:
    where = frozenset({phases}) if isinstance(phases, Phase) else frozenset(phases)
    return Row(where, event, handler, frozenset(to))


P = Phase
ALL = frozenset(Phase)
ENDED = (P.LEAVING, P.SIGNED_OUT)
RETRIED = (P.ATTEMPTING, P.WAITING, P.LEAVING)

ROWS: tuple[Row, ...] = (
    # the person signs in
    _row(P.SIGNED_OUT, on.SignInAsked, signing_in.begin, P.ASKING),
    _row(ALL - {P.SIGNED_OUT}, on.SignInAsked, signing_in.refuse_second),
    _row(P.ASKING, on.AnswersGiven, signing_in.take_answers, P.PREPARING, P.PROVING),
    _row(P.PREPARING, on.LinkPrepared, signing_in.prove, P.PROVING),
    _row({P.PREPARING, P.PROVING}, on.TunnelFailed, leaving.fail, P.LEAVING),
    _row(P.PROVING, on.WorkerProgressed, signing_in.progress),
    _row(P.PROVING, on.LoginFailed, signing_in.login_failed, P.ASKING, P.LEAVING),
    _row(P.PROVING, on.GrantReceived, signing_in.take_grant, P.RESOLVING, P.LEAVING),
    _row(BEFORE_GRANT, on.LoginAbandoned, leaving.fail, *ENDED),
    # the tunnel comes up
    _row(P.RESOLVING, on.EndpointsResolved, connecting.resolved, *RETRIED),
    _row(P.ATTEMPTING, on.TunnelApplied, connecting.await_handshake),
    _row(P.ATTEMPTING, on.HandshakeRead, connecting.look_for_handshake, P.NAMING),
    _row(P.NAMING, on.TunnelApplied, connecting.check, P.CHECKING, P.ONLINE),
    _row(P.CHECKING, on.CheckAnswered, connecting.checked, P.ONLINE, *RETRIED),
    _row(CONNECTING, on.UdpLooked, connecting.note_udp),
    _row(CONNECTING, on.TunnelFailed, connecting.tunnel_failed, P.CONFLICT, P.LEAVING),
    _row(CONNECTING, on.NetworkLost, connecting.network_lost, P.WAITING),
    _row(CONNECTING, on.LoginAbandoned, connecting.abandoned, P.LEAVING),
    _row({P.RESOLVING, P.WAITING}, on.TunnelApplied, online.note_health),
    _row(CONNECTING - {P.ATTEMPTING} | {P.WAITING, P.CONFLICT}, on.TunnelDisturbed, connecting.hold),
    # the tunnel is up
    _row(P.ONLINE, on.HandshakeRead, online.look, P.ATTEMPTING, P.RESOLVING),
    _row(P.ONLINE, on.NetworkChanged, online.apply_again),
    _row(P.ONLINE, on.TunnelDisturbed, online.apply_again),
    _row(P.ONLINE, on.WokeUp, online.apply_again),
    _row(P.ONLINE, on.TunnelApplied, online.applied),
    _row(P.ONLINE, on.CheckAnswered, online.checked, P.ATTEMPTING, P.RESOLVING),
    _row(P.ONLINE, on.TunnelFailed, connecting.tunnel_failed, P.CONFLICT, P.LEAVING),
    _row(P.ONLINE, on.NetworkLost, connecting.network_lost, P.WAITING),
    _row({P.WAITING, P.CONFLICT}, on.NetworkChanged, connecting.network_came, P.RESOLVING),
    _row({P.WAITING, P.CONFLICT}, on.WokeUp, connecting.network_came, P.RESOLVING),
    _row(CONNECTING | {P.ONLINE}, on.ClockStepped, connecting.note_clock),
    _row({P.WAITING, P.CONFLICT}, on.ClockStepped, connecting.clock_stepped, P.RESOLVING),
    _row({P.WAITING, P.CONFLICT}, on.TunnelFailed, connecting.tunnel_failed, P.CONFLICT, P.LEAVING),
    # renewal, beside all that
    _row(WITH_TUNNEL, on.RenewAsked, renewing.begin),
    _row(ALL - WITH_TUNNEL, on.RenewAsked, renewing.refuse),
    _row(WITH_TUNNEL, on.AnswersGiven, renewing.take_answers),
    _row(WITH_TUNNEL, on.WorkerProgressed, renewing.progress),
    _row(WITH_TUNNEL, on.LoginFailed, renewing.failed),
    _row(WITH_TUNNEL, on.GrantReceived, renewing.take_grant),
    _row({P.ONLINE, P.WAITING, P.CONFLICT}, on.LoginAbandoned, renewing.abandoned),
    # time passes
    _row(P.ASKING, on.TimerRang, signing_in.timer, *ENDED),
    _row(CONNECTING, on.TimerRang, connecting.timer, *RETRIED),
    _row(P.ONLINE, on.TimerRang, online.timer, P.LEAVING),
    _row({P.WAITING, P.CONFLICT}, on.TimerRang, connecting.waiting_timer, P.RESOLVING, P.LEAVING),
    # it ends
    _row(ALL - {P.SIGNED_OUT, P.LEAVING}, on.DisconnectAsked, leaving.sign_out, *ENDED),
    _row(ALL - {P.SIGNED_OUT, P.LEAVING}, on.OwnerLeft, leaving.owner_left, *ENDED),
    _row(WITH_TUNNEL, on.SessionEndedByPortal, leaving.ended_by_portal, P.LEAVING),
    _row(BEFORE_GRANT, on.RecordFailed, leaving.fail, *ENDED),
    _row(P.RESOLVING, on.RecordFailed, leaving.fail, P.LEAVING),
    _row({P.ATTEMPTING, P.NAMING, P.CHECKING, P.ONLINE, P.WAITING, P.CONFLICT}, on.RecordFailed, online.record_failed),
    _row(P.LEAVING, on.TunnelGone, leaving.tunnel_gone, P.SIGNED_OUT),
    _row(P.LEAVING, on.PortalTold, leaving.portal_told, P.SIGNED_OUT),
    _row(P.LEAVING, on.TimerRang, leaving.timer, P.SIGNED_OUT),
    # the process comes and goes
    _row(P.SIGNED_OUT, on.SessionAdopted, adopting.adopt, P.ONLINE, P.LEAVING),
    _row(P.SIGNED_OUT, on.LeftoversFound, adopting.clean, P.LEAVING),
    _row(ALL, on.StopAsked, leaving.stop, *ENDED),
)


def _table(rows: tuple[Row, ...]) -> dict[tuple[Phase, type[on.Event]], Row]:
    table: dict[tuple[Phase, type[on.Event]], Row] = {}
    for row in rows:
        for phase in row.phases:
            assert (phase, row.event) not in table, f"{phase} and {row.event.__name__} stand in two rows"
            table[phase, row.event] = row
    return table


TABLE = _table(ROWS)


def step(session: Session, event: on.Event) -> Step:
    """The session after the event, and what is to be done. Total: an event that a phase does not heed changes
    nothing."""
    late = _late(session, event)
    if late is not None:
        return late
    row = TABLE.get((session.phase, type(event)))
    if row is None:
        return ignored(session)
    after, effects = row.handler(session, event)
    assert after.phase is session.phase or after.phase in row.to, f"{row.handler.__name__} led to {after.phase}"
    return after, effects


def _late(session: Session, event: on.Event) -> Step | None:
    """What becomes of an answer to a request that is not the newest; None for any other event."""
    if isinstance(event, on.SignInAsked | on.RenewAsked):
        return None
    ticket = getattr(event, "ticket", None)
    if ticket is not None and ticket != session.ticket:
        return ignored(session)
    login = getattr(event, "login", None)
    if login is not None and (session.login is None or session.login.id != login):
        if isinstance(event, on.GrantReceived):
            return session, (do.TellPortal(event.grant.token),)
        return ignored(session)
    return None

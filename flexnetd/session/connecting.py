"""From the grant to online, the first time and each time again: RESOLVING, ATTEMPTING, NAMING, CHECKING, WAITING,
CONFLICT.

An attempt at another gateway is one change of the device, which moves the prefixes to the new peer; link, address and
routes stand, so connections that are open go on. An attempt at the gateway of the one before begins anew with it:
WireGuard sends at most one handshake in five seconds to a peer, wherever the peer is said to be, and none while it
holds a session younger than two minutes. So an attempt that kept the peer would wait in vain, for a second address of
the same gateway and after every short loss of the network. Either way the handshake that counts is the first.

When the network comes back, somebody may have waited for it: the gateway is spoken to at once, anew and where it was
last, while the names are asked (`network_came`). An attempt at that same address then goes on with that handshake.

The device is read after 20 ms, then at doubling distances up to 200 ms. The routing domains come on only after the
handshake and are withdrawn before the gateways are resolved again, so that the way back is never asked inside a dead
tunnel.

A gateway that falls silent while the session is online (`fail_over`) is followed by the next one at once, at the
addresses that are known; only when there is no other, or all are silent, are the names asked again. In what comes then,
the silent one is tried last.

A gateway refuses handshakes that are older than the newest by the clock of whoever sent it. So after the wall clock was
set back nobody answers until it is what it was, and silence is told as that (CLOCK_WRONG).

While nobody answers, it is looked whether UDP gets anywhere: that tells a gateway that is away from a network that lets
no UDP through.
"""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session import leaving, renewing
from flexnetd.session.arriving import arrive, time_passes
from flexnetd.session.states import Phase, Session
from flexnetd.session.step import Step, ignored, next_ticket

ATTEMPT_S = 2.0
CHECK_S = 3.0
LEAST_ATTEMPTS = 5
FIRST_LOOK_S = 0.02
LONGEST_LOOK_S = 0.2
RETRY_S = 10.0
CLOCK_TOLERATED_S = 60.0
"""By so much it may be wrong at a sign-in, and be set right afterwards."""
FIRST_DOUBT = 2
"""With this attempt it is looked whether UDP passes."""


def resolve(session: Session) -> Step:
    """Ask for the gateways' addresses, outside the tunnel."""
    grant = session.grant
    assert grant is not None
    session = next_ticket(replace(session, phase=Phase.RESOLVING, rounds=0, udp_passes=True))
    hosts = tuple(gateway.endpoint for gateway in grant.gateways)
    return session, (do.ResolveEndpoints(session.ticket, hosts),)


def resolved(session: Session, event: on.EndpointsResolved) -> Step:
    if not event.candidates:
        assert session.grant is not None
        host = session.grant.gateways[0].endpoint.host
        return _given_up(session, event.fault or Fault(Code.NAME_NOT_FOUND, host=host))
    candidates = sorted(event.candidates, key=lambda candidate: candidate.gateway == session.silent)
    return attempt(replace(session, candidates=tuple(candidates)), 0)


def fail_over(session: Session) -> Step:
    """The gateway in use is silent: the others first, in the family of addresses that worked."""
    silent = session.candidate
    assert silent is not None
    session = replace(session, silent=silent.gateway, rounds=0, udp_passes=True)
    if all(candidate.gateway == silent.gateway for candidate in session.candidates):
        return reconnect(session, None)
    version = silent.endpoint.address.version
    ordered = sorted(
        session.candidates,
        key=lambda candidate: (candidate.gateway == silent.gateway, candidate.endpoint.address.version != version),
    )
    after, effects = attempt(replace(session, candidates=tuple(ordered)), 0)
    return after, (*_quiet(), *effects)


def attempt(session: Session, index: int) -> Step:
    """Try one candidate: the tunnel without names, then its handshake, for ATTEMPT_S."""
    before = session.peer
    session = replace(session, phase=Phase.ATTEMPTING, current=index, look_s=FIRST_LOOK_S, rounds=session.rounds + 1)
    candidate = session.candidates[index]
    session = next_ticket(replace(session, peer=candidate.gateway, handshake=0.0))
    tunnel = _tunnel(session, names=False, anew=candidate.gateway == before and candidate != session.begun)
    session = replace(session, begun=None)
    look = (do.LookForUdp(candidate.endpoint.port),) if session.rounds == FIRST_DOUBT else ()
    return session, (tunnel, do.ArmTimer(do.Timer.ATTEMPT, ATTEMPT_S), *look)


def apply(session: Session, *, names: bool) -> Step:
    session = next_ticket(session)
    return session, (_tunnel(session, names=names),)


def await_handshake(session: Session, event: on.TunnelApplied) -> Step:
    session = replace(session, health=event.health)
    return session, (do.TriggerHandshake(), do.ArmTimer(do.Timer.LOOK, session.look_s))


def look_for_handshake(session: Session, event: on.HandshakeRead) -> Step:
    if event.last <= session.handshake:
        look_s = min(LONGEST_LOOK_S, session.look_s * 2)
        return replace(session, look_s=look_s), (do.ArmTimer(do.Timer.LOOK, look_s),)
    session = replace(session, phase=Phase.NAMING, handshake=event.last)
    after, effects = apply(session, names=True)
    return after, (do.CancelTimer(do.Timer.ATTEMPT), do.CancelTimer(do.Timer.LOOK), *effects)


def check(session: Session, event: on.TunnelApplied) -> Step:
    session = replace(session, health=event.health)
    target = session.grant.check if session.grant else None
    if target is None:
        return arrive(session)
    session = next_ticket(replace(session, phase=Phase.CHECKING))
    return session, (
        do.CheckTunnel(session.ticket, target),
        do.ArmTimer(do.Timer.ATTEMPT, CHECK_S),
    )


def checked(session: Session, event: on.CheckAnswered) -> Step:
    return arrive(session) if event.answered else _unanswered(session)


def note_udp(session: Session, event: on.UdpLooked) -> Step:
    return replace(session, udp_passes=event.passes), ()


def note_clock(session: Session, event: on.ClockStepped) -> Step:
    """The moments that the owner is told are wall-clock ones."""
    return replace(session, clock_s=session.clock_s + event.by_s), (do.TellDetails(),)


def clock_stepped(session: Session, event: on.ClockStepped) -> Step:
    """Set right again, perhaps: it is tried at once."""
    noted, told = note_clock(session, event)
    after, effects = reconnect(noted, event)
    return after, (*told, *effects)


def timer(session: Session, event: on.TimerRang) -> Step:
    match event.timer, session.phase:
        case do.Timer.ATTEMPT, Phase.ATTEMPTING:
            return _next_attempt(session, _silent(session))
        case do.Timer.ATTEMPT, Phase.CHECKING:
            return _unanswered(session)
        case do.Timer.LOOK, Phase.ATTEMPTING:
            return session, (do.ReadHandshake(session.ticket),)
        case ((do.Timer.END | do.Timer.WARNING), _):
            return time_passes(session, event)
        case _:
            return ignored(session)


def tunnel_failed(session: Session, event: on.TunnelFailed) -> Step:
    """A conflict changed nothing and can pass; with any other failure the tunnel is gone, and its key with it."""
    if session.first or event.fault.code is not Code.CONFLICT:
        return leaving.leave(session, event.fault)
    session = replace(session, phase=Phase.CONFLICT, last_fault=event.fault)
    return session, (*_quiet(), do.ArmTimer(do.Timer.RETRY, RETRY_S))


def network_lost(session: Session, _event: on.NetworkLost) -> Step:
    """A sign-in goes on to its own end; a session waits."""
    return ignored(session) if session.first else _wait(session, Fault(Code.NO_NETWORK))


def abandoned(session: Session, event: on.LoginAbandoned) -> Step:
    """The sign-in that is connecting ends; of a reconnecting session only its renewal does."""
    return leaving.fail(session, event) if session.first else renewing.abandoned(session, event)


def reconnect(session: Session, _event: object) -> Step:
    """The same key and address, from the gateways' names on. The routing domains are withdrawn first."""
    after, resolving = resolve(replace(session, begun=None))
    return after, (*_quiet(), _tunnel(after, names=False), *resolving)


def network_came(session: Session, _event: object) -> Step:
    """The same, but whoever waits does not wait for the names: the gateway is spoken to where it was last. Anew, since
    WireGuard has perhaps begun a handshake in vain, and begins the next one 5 s later."""
    after, resolving = resolve(replace(session, begun=session.candidate))
    speaking = (_tunnel(after, names=False, anew=True), do.TriggerHandshake())
    return after, (*_quiet(), *speaking, *resolving)


def hold(session: Session, _event: on.TunnelDisturbed) -> Step:
    """Somebody touched what is ours, the guard perhaps: it is put back in whatever phase we are, with the same ticket,
    since this answers nothing. A sign-in that resolves has nothing yet; ATTEMPTING is followed by NAMING, which
    applies."""
    if session.first and session.phase is Phase.RESOLVING:
        return ignored(session)
    return session, (_tunnel(session, names=session.phase in {Phase.NAMING, Phase.CHECKING}),)


def waiting_timer(session: Session, event: on.TimerRang) -> Step:
    if event.timer is do.Timer.RETRY:
        return reconnect(session, event)
    if event.timer in {do.Timer.END, do.Timer.WARNING}:
        return time_passes(session, event)
    return ignored(session)


def _tunnel(session: Session, *, names: bool, anew: bool = False) -> do.ApplyTunnel:
    grant, candidate, owner = session.grant, session.candidate, session.owner_uid
    assert grant is not None
    assert candidate is not None
    assert owner is not None
    return do.ApplyTunnel(session.ticket, grant, candidate, owner, names, anew)


def _unanswered(session: Session) -> Step:
    assert session.grant is not None
    fault = Fault(Code.TUNNEL_UNANSWERED, address=str(session.grant.check))
    if session.current + 1 < len(session.candidates):
        return attempt(session, session.current + 1)
    return _given_up(session, fault)


def _next_attempt(session: Session, fault: Fault) -> Step:
    if session.rounds >= max(LEAST_ATTEMPTS, len(session.candidates)):
        return _given_up(session, fault)
    return attempt(session, (session.current + 1) % len(session.candidates))


def _silent(session: Session) -> Fault:
    assert session.grant is not None
    if session.clock_s <= -CLOCK_TOLERATED_S:
        return Fault(Code.CLOCK_WRONG, seconds=int(-session.clock_s))
    hosts = ", ".join(dict.fromkeys(gateway.endpoint.host for gateway in session.grant.gateways))
    if session.udp_passes:
        return Fault(Code.GATEWAY_SILENT, gateways=hosts, seconds=int(session.rounds * ATTEMPT_S))
    return Fault(Code.UDP_BLOCKED, gateways=hosts, port=session.candidates[session.current].endpoint.port)


def _given_up(session: Session, fault: Fault) -> Step:
    return leaving.leave(session, fault) if session.first else _wait(session, fault)


def _wait(session: Session, fault: Fault) -> Step:
    session = next_ticket(replace(session, phase=Phase.WAITING, last_fault=fault))
    return session, (*_quiet(), do.ArmTimer(do.Timer.RETRY, RETRY_S))


def _quiet() -> tuple[do.Effect, ...]:
    return tuple(do.CancelTimer(timer) for timer in (do.Timer.LOOK, do.Timer.ATTEMPT, do.Timer.RETRY))

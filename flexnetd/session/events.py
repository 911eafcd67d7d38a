"""What happened. Past facts, frozen; they come from the bus, the worker, the tunnel thread, the watchers and timers.

`at` is seconds of CLOCK_BOOTTIME, told by whoever saw it: the machine has no clock. `ticket` and `login` say which
request an answer belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.grant import Grant
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind
from flexnetd.session.effects import Timer
from flexnetd.session.states import Candidate, Link
from flexnetd.wire.worker import Progress

# --- from the bus


@dataclass(frozen=True, slots=True)
class SignInAsked:
    login: int
    uid: int
    factor: Factor
    username: str = ""
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class RenewAsked:
    login: int
    uid: int
    factor: Factor
    at: float
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class AnswersGiven:
    login: int
    answers: Mapping[PromptKind, Secret]


@dataclass(frozen=True, slots=True)
class LoginAbandoned:
    """Cancelled by the person, its connection gone, or its input timed out; `fault` says which."""

    login: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class DisconnectAsked:
    pass


# --- from the tunnel thread


@dataclass(frozen=True, slots=True)
class LinkPrepared:
    ticket: int
    link: Link


@dataclass(frozen=True, slots=True)
class TunnelApplied:
    """The tunnel is what was asked for; `health` is what is not as it should be and does not stop it."""

    ticket: int
    health: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class TunnelFailed:
    """Preparing or applying failed. The tunnel thread has planned towards nothing already."""

    ticket: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class TunnelGone:
    """Nothing of ours is left on the machine."""

    ticket: int


@dataclass(frozen=True, slots=True)
class HandshakeRead:
    """`last` is the active peer's last handshake as the kernel tells it (seconds of the wall clock, 0 never), `age_s`
    how long ago that is, `sent_bytes` and `received_bytes` how much went each way since the reading before."""

    ticket: int
    last: float
    age_s: float
    sent_bytes: int = 0
    received_bytes: int = 0


# --- from the worker


@dataclass(frozen=True, slots=True)
class WorkerProgressed:
    login: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """The worker's login or renewal ended with a fault, or its grant was refused."""

    login: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class GrantReceived:
    """The grant was verified, parsed and held to the ceiling. `statement` and `login_digest` are for the record."""

    login: int
    at: float
    grant: Grant
    statement: str
    login_digest: bytes


@dataclass(frozen=True, slots=True)
class EndpointsResolved:
    """`candidates` in order of preference, those with a route from here first; () when no name has an address."""

    ticket: int
    candidates: tuple[Candidate, ...]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class CheckAnswered:
    ticket: int
    answered: bool


@dataclass(frozen=True, slots=True)
class UdpLooked:
    """`passes`: a datagram got to a host on the Internet, which said so. False is likely, not certain."""

    passes: bool


@dataclass(frozen=True, slots=True)
class PortalTold:
    """The portal was asked to end the session; whether it answered does not matter any more."""


# --- from the watchers


@dataclass(frozen=True, slots=True)
class NetworkLost:
    """No route to any gateway."""


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    """Links, addresses or routes of others changed, and there is a route to a gateway."""


@dataclass(frozen=True, slots=True)
class TunnelDisturbed:
    """Something of ours was changed by somebody: the guard flushed, a route removed, the resolver restarted."""


@dataclass(frozen=True, slots=True)
class WokeUp:
    pass


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock was set, by so many seconds; negative for back."""

    by_s: float


@dataclass(frozen=True, slots=True)
class OwnerLeft:
    """The last login session of this person on the machine ended."""

    uid: int


@dataclass(frozen=True, slots=True)
class SessionEndedByPortal:
    fault: Fault


# --- from the process


@dataclass(frozen=True, slots=True)
class TimerRang:
    timer: Timer
    at: float


@dataclass(frozen=True, slots=True)
class RecordFailed:
    fault: Fault


@dataclass(frozen=True, slots=True)
class SessionAdopted:
    """A daemon before this one left an online session that matches what the kernel says."""

    at: float
    owner_uid: int
    username: str
    factor: Factor
    link: Link
    grant: Grant
    statement: str
    login_digest: bytes
    ends_at: float
    renew_until: float
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class LeftoversFound:
    """A daemon before this one died at a step from which nothing can be adopted. `grant` is what the portal had given
    it, if that is known."""

    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class StopAsked:
    """`keep`: a restart; an online session stays up for the next daemon."""

    keep: bool


Event = (
    SignInAsked
    | RenewAsked
    | AnswersGiven
    | LoginAbandoned
    | DisconnectAsked
    | LinkPrepared
    | TunnelApplied
    | TunnelFailed
    | TunnelGone
    | HandshakeRead
    | WorkerProgressed
    | LoginFailed
    | GrantReceived
    | EndpointsResolved
    | CheckAnswered
    | UdpLooked
    | PortalTold
    | NetworkLost
    | NetworkChanged
    | TunnelDisturbed
    | WokeUp
    | ClockStepped
    | OwnerLeft
    | SessionEndedByPortal
    | TimerRang
    | RecordFailed
    | SessionAdopted
    | LeftoversFound
    | StopAsked
)

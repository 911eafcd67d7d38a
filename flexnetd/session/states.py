"""What a session is made of: its phase and the values that it carries from one event to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.grant import Grant
from flexnetd.model.network import Endpoint
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage
from flexnetd.wire.digest import Purpose


class Phase(Enum):
    """Finer than the public states (view.py tells which phase shows as which state)."""

    SIGNED_OUT = "signed-out"
    ASKING = "asking"
    PREPARING = "preparing"
    PROVING = "proving"
    RESOLVING = "resolving"
    ATTEMPTING = "attempting"
    NAMING = "naming"
    CHECKING = "checking"
    ONLINE = "online"
    WAITING = "waiting"
    CONFLICT = "conflict"
    LEAVING = "leaving"


BEFORE_GRANT = frozenset({Phase.ASKING, Phase.PREPARING, Phase.PROVING})
CONNECTING = frozenset({Phase.RESOLVING, Phase.ATTEMPTING, Phase.NAMING, Phase.CHECKING})
WITH_TUNNEL = CONNECTING | {Phase.ONLINE, Phase.WAITING, Phase.CONFLICT}


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in or a renewal under way. `answers` holds what the person gave, until the login finishes."""

    id: int
    uid: int
    purpose: Purpose
    factor: Factor
    username: str = ""
    serial: int | None = None
    stage: Stage = Stage.INPUT
    asked: tuple[PromptKind, ...] = ()
    answers: Mapping[PromptKind, Secret] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """The interface that was made for this session; `public_key` as the kernel derived it."""

    public_key: bytes
    ifindex: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to reach the operator: a gateway of the grant at one of its addresses."""

    gateway: int
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Session:
    """`ends_at` and `renew_until` in seconds of CLOCK_BOOTTIME. `first` is true until the session was online once:
    then a failure ends the sign-in; afterwards it is retried until the end. `handshake` is the newest handshake seen,
    as the kernel tells it. `peer` is the gateway (its number in the grant) that WireGuard speaks to, `silent` one that
    answered no more, `doubted` that it is being asked whether this one does; `begun` the way on which a handshake was
    begun anew while the names are asked; `udp_passes` what was last seen of this network's manners, `clock_s` by how
    much the wall clock was set meanwhile. `ticket` numbers what was asked of the tunnel: an answer with an older
    number is stale."""

    phase: Phase = Phase.SIGNED_OUT
    owner_uid: int | None = None
    username: str = ""
    factor: Factor | None = None
    login: Login | None = None
    link: Link | None = None
    grant: Grant | None = None
    statement: str = ""
    login_digest: bytes = b""
    ends_at: float = 0.0
    renew_until: float = 0.0
    first: bool = True
    candidates: tuple[Candidate, ...] = ()
    current: int = 0
    handshake: float = 0.0
    look_s: float = 0.0
    rounds: int = 0
    peer: int | None = None
    silent: int | None = None
    doubted: bool = False
    begun: Candidate | None = None
    udp_passes: bool = True
    clock_s: float = 0.0
    ticket: int = 0
    tunnel_gone: bool = True
    portal_told: bool = True
    stopping: bool = False
    last_fault: Fault | None = None
    health: tuple[Fault, ...] = ()

    @property
    def candidate(self) -> Candidate | None:
        return self.candidates[self.current] if self.current < len(self.candidates) else None

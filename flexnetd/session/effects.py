"""What is to be done. Imperatives, frozen; the daemon carries them out in order and answers with events.

State, stage and reason are not announced by effects: they are derived from the session (view.py), and the daemon tells
the bus whatever changed in that view.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.grant import Grant
from flexnetd.model.network import HostPort
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind
from flexnetd.session.record import Record
from flexnetd.session.states import Candidate


class Timer(Enum):
    """INPUT: a login waits for its answers. ATTEMPT: one gateway's time. LOOK: read the device again. END: the
    session's end, absolute, sleep counts. WARNING: the next of 60, 15, 5 minutes before it. RETRY: try the gateways
    again. GOODBYE: the portal had its time to answer."""

    INPUT = "input"
    ATTEMPT = "attempt"
    LOOK = "look"
    END = "end"
    WARNING = "warning"
    RETRY = "retry"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Refuse:
    """The call that brought the event is answered with this fault; nothing changed."""

    login: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Ask:
    """The login needs these answers; its Prompts change."""

    login: int
    prompts: tuple[PromptKind, ...]


@dataclass(frozen=True, slots=True)
class FinishLogin:
    """The login ends and its object goes; `fault` None is success."""

    login: int
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """Atomically, before the effects after it. A failure comes back as RecordFailed, and the effects after it are left
    out; but not with `needed` False, when all that is lost is that a restart would keep the session."""

    record: Record
    needed: bool = True


@dataclass(frozen=True, slots=True)
class RetireRecord:
    """Rename it, so that it cannot be adopted any more but still says that there is something to clean."""


@dataclass(frozen=True, slots=True)
class EraseRecord:
    """Nothing of ours is left on the machine."""


@dataclass(frozen=True, slots=True)
class PrepareLink:
    """Make the interface with a new private key, down; answered by LinkPrepared or TunnelFailed."""

    ticket: int


@dataclass(frozen=True, slots=True)
class StartLogin:
    """Answered by WorkerProgressed, then GrantReceived or LoginFailed."""

    login: int
    username: str
    password: Secret
    factor: Factor
    public_key: bytes
    otp: Secret | None
    new_password: Secret | None
    activation: Secret | None
    serial: int | None
    pin: Secret | None = None


@dataclass(frozen=True, slots=True)
class StartRenewal:
    """Answered like StartLogin."""

    login: int
    token: Secret
    username: str
    factor: Factor
    public_key: bytes
    otp: Secret | None
    serial: int | None
    pin: Secret | None = None


@dataclass(frozen=True, slots=True)
class CancelWorker:
    """Close the login's connection to the worker: the key is given back."""

    login: int


@dataclass(frozen=True, slots=True)
class ResolveEndpoints:
    """Answered by EndpointsResolved. `gateways` in order of preference."""

    ticket: int
    gateways: tuple[HostPort, ...]


@dataclass(frozen=True, slots=True)
class ApplyTunnel:
    """Make the tunnel so, with this gateway; `names`: with its resolvers and domains. `anew`: forget what WireGuard
    has with the gateway, so that it speaks to it at once. Answered by TunnelApplied or TunnelFailed."""

    ticket: int
    grant: Grant
    candidate: Candidate
    owner_uid: int
    names: bool
    anew: bool = False


@dataclass(frozen=True, slots=True)
class TakeDown:
    """Leave nothing of ours. Answered by TunnelGone; retried by the daemon until it is."""

    ticket: int


@dataclass(frozen=True, slots=True)
class TriggerHandshake:
    pass


@dataclass(frozen=True, slots=True)
class ReadHandshake:
    """Answered by HandshakeRead. `pause`: nobody works with what is behind the tunnel, so it must cost little."""

    ticket: int
    pause: bool = False


@dataclass(frozen=True, slots=True)
class CheckTunnel:
    """Ask for an answer through the tunnel, within `seconds`. Answered by CheckAnswered."""

    ticket: int
    target: HostPort
    seconds: float = 2.5


@dataclass(frozen=True, slots=True)
class LookForUdp:
    """Does UDP get anywhere from here? Asked of the portal's host at a gateway's port; answered by UdpLooked."""

    port: int


@dataclass(frozen=True, slots=True)
class TellPortal:
    """Ask the portal to end the session, at best effort. Answered by PortalTold."""

    token: Secret


@dataclass(frozen=True, slots=True)
class ArmTimer:
    """Rings once, `seconds` from now by CLOCK_BOOTTIME; arming again replaces."""

    timer: Timer
    seconds: float


@dataclass(frozen=True, slots=True)
class ArmTimerAt:
    """Rings once at that moment of CLOCK_BOOTTIME."""

    timer: Timer
    at: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    timer: Timer


@dataclass(frozen=True, slots=True)
class TellDetails:
    """What only the owner may know changed: ends, gateway, addresses."""


@dataclass(frozen=True, slots=True)
class Exit:
    """The process may end."""


Effect = (
    Refuse
    | Ask
    | FinishLogin
    | WriteRecord
    | RetireRecord
    | EraseRecord
    | PrepareLink
    | StartLogin
    | StartRenewal
    | CancelWorker
    | ResolveEndpoints
    | ApplyTunnel
    | TakeDown
    | TriggerHandshake
    | ReadHandshake
    | CheckTunnel
    | LookForUdp
    | TellPortal
    | ArmTimer
    | ArmTimerAt
    | CancelTimer
    | TellDetails
    | Exit
)

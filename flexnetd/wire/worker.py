"""Between flexnetd and its worker: a UNIX stream socket, one connection a request, JSON lines.

The daemon sends one line, a request of the types below as {"verb": ..., "request": {...}}. The worker answers with any
number of {"progress": ...} lines and ends with one {"result": {...}} or one {"fault": {...}} line, then closes. The
daemon closing the connection cancels: the worker gives the key back and exits. Every line is bounded by `LONGEST_LINE`,
a connection by `MOST_LINES`. The worker is told what to trust with each request; it reads no profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any

from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault, fault_from_wire
from flexnetd.model.network import HostPort
from flexnetd.model.posture import Verdict
from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import Bound, Malformed, encode, from_plain, parse, to_plain
from flexnetd.wire.portal import Discovery, SessionView, SignedOut, Statement

LONGEST_LINE = 1024 * 1024
MOST_LINES = 64
LONGEST_RULESET = 400 * 1024
"""Characters: written into a line, its quotation marks take twice the room."""


Slot = Annotated[int, Bound(1, 2)]


class Verb(Enum):
    DISCOVER = "discover"
    LOGIN = "login"
    RENEW = "renew"
    SESSION = "session"
    SIGN_OUT = "sign-out"
    RESOLVE = "resolve"
    PROBE = "probe"
    POSTURE = "posture"


class Progress(Enum):
    """Where a request stands; `TOUCH` means that the key blinks and waits for a finger."""

    CONTACTING = "contacting"
    TOUCH = "touch"
    VERIFYING = "verifying"


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """`origin` "https://host[:port]"; `ca_pem` the trust anchors as PEM, or "" ; `pins` base64 SHA-256 of public keys;
    `addresses` the last good addresses of the host, tried when resolving fails."""

    origin: str
    ca_pem: str = ""
    pins: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiscoverRequest:
    portal: PortalAccess


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """`otp` is what was typed, for typed factors; `serial` picks one of several keys; `pin` is the security key's."""

    portal: PortalAccess
    username: str
    password: Secret
    factor: Factor
    public_key: Annotated[bytes, Bound(32, 32)]
    otp: Secret | None = None
    new_password: Secret | None = None
    activation: Secret | None = None
    posture: Mapping[str, str] = field(default_factory=dict)
    serial: int | None = None
    slot: Slot = 2
    pin: Secret | None = None


@dataclass(frozen=True, slots=True)
class RenewRequest:
    portal: PortalAccess
    token: Secret
    username: str
    factor: Factor
    public_key: Annotated[bytes, Bound(32, 32)]
    otp: Secret | None = None
    serial: int | None = None
    slot: Slot = 2
    pin: Secret | None = None


@dataclass(frozen=True, slots=True)
class GrantResult:
    """The portal's grant, unopened, with the nonce from which the daemon makes the digest itself."""

    grant: Statement
    nonce: Annotated[bytes, Bound(32, 32)]


@dataclass(frozen=True, slots=True)
class SessionRequest:
    portal: PortalAccess
    token: Secret


@dataclass(frozen=True, slots=True)
class SignOutRequest:
    portal: PortalAccess
    token: Secret


@dataclass(frozen=True, slots=True)
class ResolveRequest:
    hosts: Annotated[tuple[str, ...], Bound(1, 32)]


@dataclass(frozen=True, slots=True)
class ResolveResult:
    """Addresses by host, IPv6 and IPv4, as texts; a host that has none maps to ()."""

    addresses: Mapping[str, tuple[str, ...]]


class ProbeKind(Enum):
    """CONNECT: a TCP connection to host and port. NAME: `host` resolves through the system's resolver. PORTAL: DNS,
    TCP, TLS and clock of the portal. CAPTIVE: the portal's plain-HTTP page answers as itself. UDP: a datagram gets to
    the host, whose kernel says that nothing listens at that port. KEY: the keys that are plugged in, by their status
    alone: in the facts, a word a key, serials, firmware ("5.4.3"), and slots ("empty/touch": empty, set, touch for one
    that wants a touch, unknown)."""

    CONNECT = "connect"
    NAME = "name"
    PORTAL = "portal"
    CAPTIVE = "captive"
    UDP = "udp"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    kind: ProbeKind
    target: HostPort | None = None
    portal: PortalAccess | None = None
    timeout_ms: Annotated[int, Bound(10, 30000)] = 2000


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`answered` is false only when the thing probed gave no answer; what else is wrong comes as a fault."""

    answered: bool
    elapsed_ms: int
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostureRequest:
    """How this computer keeps a workplace's duties. `ruleset` is the text of `nft -j -t list ruleset`, which nobody
    else may read, "" when it could not be had; `owner_uid` whose account is looked at."""

    ruleset: Annotated[str, Bound(0, LONGEST_RULESET)]
    owner_uid: Annotated[int, Bound(0, 2**32 - 1)]


@dataclass(frozen=True, slots=True)
class PostureResult:
    verdicts: Annotated[tuple[Verdict, ...], Bound(0, 32)]


Request = (
    DiscoverRequest
    | LoginRequest
    | RenewRequest
    | SessionRequest
    | SignOutRequest
    | ResolveRequest
    | ProbeRequest
    | PostureRequest
)
Result = Discovery | GrantResult | SessionView | SignedOut | ResolveResult | ProbeResult | PostureResult

REQUEST_OF: Mapping[Verb, type[Request]] = {
    Verb.DISCOVER: DiscoverRequest,
    Verb.LOGIN: LoginRequest,
    Verb.RENEW: RenewRequest,
    Verb.SESSION: SessionRequest,
    Verb.SIGN_OUT: SignOutRequest,
    Verb.RESOLVE: ResolveRequest,
    Verb.PROBE: ProbeRequest,
    Verb.POSTURE: PostureRequest,
}
RESULT_OF: Mapping[Verb, type[Result]] = {
    Verb.DISCOVER: Discovery,
    Verb.LOGIN: GrantResult,
    Verb.RENEW: GrantResult,
    Verb.SESSION: SessionView,
    Verb.SIGN_OUT: SignedOut,
    Verb.RESOLVE: ResolveResult,
    Verb.PROBE: ProbeResult,
    Verb.POSTURE: PostureResult,
}


@dataclass(frozen=True, slots=True)
class WireFault:
    code: str
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


def wire_fault_from_fault(fault: Fault) -> WireFault:
    return WireFault(
        fault.code.value,
        {k: v for k, v in fault.facts.items() if isinstance(v, str)},
        {k: v for k, v in fault.facts.items() if isinstance(v, int)},
    )


def fault_from_wire_fault(told: WireFault) -> Fault:
    return fault_from_wire(told.code, {**told.texts, **told.numbers})


def request_line(request: Request) -> bytes:
    verb = next(verb for verb, kind in REQUEST_OF.items() if isinstance(request, kind))
    return _line({"verb": verb.value, "request": to_plain(request)})


def read_request(line: bytes) -> Request:
    """Raises Malformed."""
    envelope = parse(line, LONGEST_LINE)
    if set(envelope) != {"verb", "request"}:
        raise Malformed("", "not a request")
    try:
        verb = Verb(envelope["verb"])
    except ValueError:
        raise Malformed("verb", "unknown word") from None
    return from_plain(REQUEST_OF[verb], envelope["request"], "request")


def answer_line(answer: Progress | Result | Fault) -> bytes:
    if isinstance(answer, Progress):
        return _line({"progress": answer.value})
    if isinstance(answer, Fault):
        return _line({"fault": to_plain(wire_fault_from_fault(answer))})
    return _line({"result": to_plain(answer)})


def read_answer(verb: Verb, line: bytes) -> Progress | Result | Fault:
    """Raises Malformed."""
    envelope = parse(line, LONGEST_LINE)
    match list(envelope.items()):
        case [("progress", word)]:
            try:
                return Progress(word)
            except ValueError:
                raise Malformed("progress", "unknown word") from None
        case [("fault", told)]:
            return fault_from_wire_fault(from_plain(WireFault, told, "fault"))
        case [("result", told)]:
            return from_plain(RESULT_OF[verb], told, "result")
        case _:
            raise Malformed("", "not an answer")


def _line(envelope: dict[str, Any]) -> bytes:
    return encode(envelope) + b"\n"

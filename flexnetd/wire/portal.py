"""Portal protocol, version 1: the messages between worker and portal. docs/PORTAL-PROTOCOL.md says when each is sent.

    GET    /.well-known/flexnet           -> Discovery, ETag
    POST   /v1/logins                     LoginBegin -> LoginBegun
    POST   /v1/logins/finish              LoginFinish -> GrantAnswer
    POST   /v1/session/renewal            bearer: RenewalBegin -> LoginBegun
    POST   /v1/session/renewal/finish     bearer: RenewalFinish -> GrantAnswer
    GET    /v1/session                    bearer -> SessionView, ETag
    DELETE /v1/session                    bearer -> SignedOut (200 gone, 202 gone by then)

Errors are RFC 9457 problem documents, `Problem`. The bearer token is the session's. Times are seconds since the epoch.

Beside it, on port 80 of the same host and without TLS, an operator may serve the page GET `ALIVE_PATH` with the text
`ALIVE_TEXT`, by which a client tells a captive portal (whose answer it gets instead) from a portal that is down. An
answer that redirects to the portal's own origin says the same. Nothing else is ever asked without TLS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from flexnetd.model.factor import Factor
from flexnetd.model.notice import Notice
from flexnetd.model.secret import Secret
from flexnetd.wire import signed
from flexnetd.wire.fido2 import Fido2Ask
from flexnetd.wire.json_codec import Bound

LONGEST_ANSWER = 1024 * 1024
LONGEST_REQUEST = 64 * 1024
PROTOCOL_VERSION = 1

ALIVE_PATH = "/.well-known/flexnet-alive"
ALIVE_TEXT = "flexnet-alive\n"

Username = Annotated[str, Bound(1, 128)]
PublicKey = Annotated[bytes, Bound(32, 32)]
Sealed = Annotated[str, Bound(1, 4096)]
Nonce = Annotated[bytes, Bound(32, 32)]
Proof = Annotated[Secret, Bound(1, 8192)]
"""The OTP or the digits as typed; for `yubikey-hmac` base64 of the 20 bytes of the response; for `fido2`
a Fido2Proof as JSON."""
Password = Annotated[Secret, Bound(1, 1024)]
Version = Annotated[str, Bound(1, 32)]
Statement = Annotated[str, Bound(1, signed.LONGEST)]


@dataclass(frozen=True, slots=True)
class OperatorContact:
    name: str
    telephone: str
    email: str
    hours: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a stranger may know. `contact` is by language; `posture` by check: required, warned, ignored."""

    protocol: int
    operator: Mapping[str, str]
    contact: Mapping[str, OperatorContact]
    factors: tuple[Factor, ...]
    posture: Mapping[str, str]
    notices: tuple[Notice, ...]
    oldest_client: str
    poll_after_s: Annotated[int, Bound(10, 86400)]
    server_time: int


@dataclass(frozen=True, slots=True)
class LoginBegin:
    username: Username
    factor: Factor
    public_key: PublicKey
    client_version: Version


@dataclass(frozen=True, slots=True)
class RenewalBegin:
    factor: Factor


@dataclass(frozen=True, slots=True)
class LoginBegun:
    """`login` is opaque to the client: the portal sealed in it all that it needs to finish. `fido2` comes with that
    factor alone."""

    login: Sealed
    nonce: Nonce
    expires_in_s: int
    fido2: Fido2Ask | None = None


@dataclass(frozen=True, slots=True)
class LoginFinish:
    login: Sealed
    proof: Proof
    password: Password
    new_password: Password | None = None
    activation: Annotated[Secret, Bound(1, 64)] | None = None
    posture: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenewalFinish:
    login: Sealed
    proof: Proof


@dataclass(frozen=True, slots=True)
class GrantAnswer:
    """`grant` is the signed statement; see flexnetd/wire/grant.py."""

    grant: Statement


@dataclass(frozen=True, slots=True)
class SessionView:
    session: str
    state: str
    server_time: int
    ends_in_s: int
    renew_in_s: int
    notices: tuple[Notice, ...]
    poll_after_s: int


@dataclass(frozen=True, slots=True)
class SignedOut:
    """`gone_by` is the time by which every gateway has removed the peer; now, when all have confirmed."""

    gone_by: int


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457. `code` is FN-nnn, `facts` what it declares."""

    type: str
    title: str
    status: int
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

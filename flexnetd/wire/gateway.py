"""Between a gateway's agent and the portal, over mutual TLS. The certificate says which gateway asks.

    GET  /v1/gateway/peers?since=REVISION   -> PeerList; waits until there is something newer, at most `LONGEST_POLL_S`
    POST /v1/gateway/applied                Applied -> 204

A `PeerList` is whole, never a difference: what is not in it is to be removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from flexnetd.model.secret import Secret
from flexnetd.wire.json_codec import Bound
from flexnetd.wire.portal import PublicKey

LONGEST_POLL_S = 25
LONGEST_PEERS = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Peer:
    """`preshared_key` is base64 of 32 bytes; `allowed_ips` host prefixes; the peer ends `ends_in_s` seconds from the
    list's making, which the agent holds by its own clock."""

    public_key: PublicKey
    preshared_key: Annotated[Secret, Bound(44, 44)]
    allowed_ips: tuple[str, ...]
    ends_in_s: int


@dataclass(frozen=True, slots=True)
class PeerList:
    """`isolation_limit_s`: cut off from the portal for longer, the agent removes every peer."""

    revision: int
    isolation_limit_s: int
    peers: tuple[Peer, ...]


@dataclass(frozen=True, slots=True)
class PeerStatistics:
    public_key: PublicKey
    received_bytes: int
    sent_bytes: int
    handshake_age_s: int | None


@dataclass(frozen=True, slots=True)
class Applied:
    """The gateway's interface now is what `revision` said."""

    revision: int
    statistics: tuple[PeerStatistics, ...] = ()

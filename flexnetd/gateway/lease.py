"""Until when which peer may be there. Pure; every time is in seconds of CLOCK_BOOTTIME, which counts sleep.

The rules:
- The portal's list is whole and counts from the moment in which it arrived.
- A peer is there until its own end, whatever becomes of the portal.
- Nobody heard from the portal for longer than its isolation limit: no peer is there, until a list comes again.
- A list that does not make sense is refused as a whole and changes nothing: addresses outside of the tunnel's networks
  or for more than one host, the gateway's own address, one key or one address twice.
- After a restart the lease is known from the record, without preshared keys: its peers may stay, none can be made.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from flexnetd.gateway.config import InterfaceConfig
from flexnetd.model.network import Prefix, covers
from flexnetd.model.secret import SecretBytes
from flexnetd.wire.gateway import Peer, PeerList
from flexnetd.wire.json_codec import Malformed
from flexnetd.wireguard.device import KEY_BYTES


@dataclass(frozen=True, slots=True)
class HeldPeer:
    """`preshared_key` None: known from the record only."""

    public_key: bytes
    allowed_ips: tuple[Prefix, ...]
    ends_at_s: float
    preshared_key: SecretBytes | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """What the portal allowed when it was last heard."""

    revision: int
    isolation_limit_s: int
    heard_at_s: float
    peers: tuple[HeldPeer, ...] = ()


def lease_from_list(told: PeerList, interface: InterfaceConfig, now_s: float) -> Lease:
    """Raises Malformed, with the path of what does not make sense."""
    peers = tuple(_held(peer, f"peers[{index}]", interface, now_s) for index, peer in enumerate(told.peers))
    _refuse_twice((peer.public_key for peer in peers), "public_key")
    _refuse_twice((prefix for peer in peers for prefix in peer.allowed_ips), "allowed_ips")
    if told.isolation_limit_s < 1:
        raise Malformed("isolation_limit_s", "less than a second")
    return Lease(told.revision, told.isolation_limit_s, now_s, peers)


def isolated(lease: Lease, now_s: float) -> bool:
    return now_s >= lease.heard_at_s + lease.isolation_limit_s


def peers_at(lease: Lease | None, now_s: float) -> tuple[HeldPeer, ...]:
    """The peers that may be there at this moment."""
    if lease is None or isolated(lease, now_s):
        return ()
    return tuple(peer for peer in lease.peers if peer.ends_at_s > now_s)


def changes_at(lease: Lease | None, now_s: float) -> float:
    """The next moment at which `peers_at` gives another answer by itself; infinity when none will come."""
    present = peers_at(lease, now_s)
    if lease is None or not present:
        return math.inf
    return min(lease.heard_at_s + lease.isolation_limit_s, *(peer.ends_at_s for peer in present))


def _held(peer: Peer, path: str, interface: InterfaceConfig, now_s: float) -> HeldPeer:
    return HeldPeer(
        public_key=peer.public_key,
        preshared_key=_preshared_key(peer, path),
        allowed_ips=tuple(_host_prefix(text, f"{path}.allowed_ips", interface) for text in peer.allowed_ips),
        ends_at_s=now_s + peer.ends_in_s,
    )


def _preshared_key(peer: Peer, path: str) -> SecretBytes:
    try:
        key = base64.b64decode(peer.preshared_key.reveal(), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{path}.preshared_key", "not base64") from None
    if len(key) != KEY_BYTES:
        raise Malformed(f"{path}.preshared_key", "not a key")
    return SecretBytes(key)


def _host_prefix(text: str, path: str, interface: InterfaceConfig) -> Prefix:
    try:
        prefix = ip_network(text)
    except ValueError:
        raise Malformed(path, "not a prefix") from None
    if prefix.prefixlen != prefix.max_prefixlen:
        raise Malformed(path, "more than one host")
    if not any(covers(network, prefix) for network in interface.networks):
        raise Malformed(path, "outside of the tunnel's networks")
    if any(prefix.network_address == own.ip for own in interface.addresses):
        raise Malformed(path, "the gateway's own address")
    return prefix


def _refuse_twice(values: Iterable[object], field: str) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise Malformed(f"peers.{field}", "twice")
        seen.add(value)

"""A change of a device in pieces that fit into one netlink message each. Pure.

The rules:
- A message holds at most 64 KiB, and so does the list of peers inside it, whose length has 16 bits. Nearly every change
  fits into one message and stays one: only then is it carried out at once.
- What concerns the device (key, port, mark, "all other peers go") goes with the first piece alone.
- A peer with more AllowedIPs than fit goes on in the next piece, where the rest is added, not set anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flexnetd.wireguard.device import DeviceChange, PeerChange

MOST_BYTES = 48 * 1024
MOST_ALLOWED_IPS = 1000
"""Of one peer in one piece: 40 bytes each, when they are IPv6."""

_PEER_BYTES = 4 + 36 + 36 + 8 + 32 + 8 + 4
"""Nest, public key, preshared key, flags, endpoint, keepalive, AllowedIPs' nest: every one padded to 4."""
_ALLOWED_IP_BYTES = 4 + 8 + 20 + 8


def pieces(change: DeviceChange) -> Iterator[DeviceChange]:
    """At least one change, to be carried out in this order."""
    taken: list[PeerChange] = []
    room = MOST_BYTES
    first = True
    for peer in _short_peers(change.peers):
        need = _bytes_of(peer)
        if need > room:
            yield _piece(change, taken, first)
            first, taken, room = False, [], MOST_BYTES
        taken.append(peer)
        room -= need
    yield _piece(change, taken, first)


def _piece(change: DeviceChange, peers: list[PeerChange], first: bool) -> DeviceChange:
    return replace(change, peers=tuple(peers)) if first else DeviceChange(peers=tuple(peers))


def _short_peers(peers: tuple[PeerChange, ...]) -> Iterator[PeerChange]:
    for peer in peers:
        ips = peer.allowed_ips
        if ips is None or len(ips) <= MOST_ALLOWED_IPS:
            yield peer
            continue
        yield replace(peer, allowed_ips=ips[:MOST_ALLOWED_IPS])
        for start in range(MOST_ALLOWED_IPS, len(ips), MOST_ALLOWED_IPS):
            yield PeerChange(
                peer.public_key,
                allowed_ips=ips[start : start + MOST_ALLOWED_IPS],
                replace_allowed_ips=False,
                only_if_present=peer.only_if_present,
            )


def _bytes_of(peer: PeerChange) -> int:
    return _PEER_BYTES + _ALLOWED_IP_BYTES * len(peer.allowed_ips or ())

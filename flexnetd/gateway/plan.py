"""From the peers that may be there to the change that brings the device to them. Pure.

The rules:
- What is not held goes, and goes first: its addresses may belong to somebody else already.
- A device tells its preshared keys by their digests. A key that differs is set, for which no session suffers.
- A peer's endpoint is left alone (it follows the client), and its keepalive is off (the client keeps the path open).
- A device that is as it should be needs no change: None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flexnetd.gateway.lease import HeldPeer
from flexnetd.wire.gateway import PeerStatistics
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, key_digest


def plan(held: tuple[HeldPeer, ...], device: DeviceState) -> DeviceChange | None:
    wanted = {peer.public_key for peer in held}
    present = {peer.public_key: peer for peer in device.peers}
    removals = [PeerChange(key, remove=True) for key in present if key not in wanted]
    settings = list(_settings(held, present))
    if not removals and not settings:
        return None
    return DeviceChange(peers=(*removals, *settings))


def statistics(held: tuple[HeldPeer, ...], device: DeviceState, now_s: float) -> tuple[PeerStatistics, ...]:
    """What is told to the portal; `now_s` in seconds of CLOCK_REALTIME."""
    ours = {peer.public_key for peer in held}
    return tuple(
        PeerStatistics(peer.public_key, peer.received_bytes, peer.sent_bytes, _age_s(peer.last_handshake_s, now_s))
        for peer in device.peers
        if peer.public_key in ours
    )


def _settings(held: tuple[HeldPeer, ...], present: Mapping[bytes, PeerState]) -> Iterator[PeerChange]:
    for peer in held:
        there = present.get(peer.public_key)
        if there is not None:
            yield from _adjusted(peer, there)
        elif peer.preshared_key is not None:
            yield PeerChange(peer.public_key, preshared_key=peer.preshared_key, allowed_ips=peer.allowed_ips)


def _adjusted(peer: HeldPeer, there: PeerState) -> Iterator[PeerChange]:
    nothing = PeerChange(peer.public_key, only_if_present=True)
    change = nothing
    if peer.preshared_key is not None and there.preshared_key_digest != key_digest(peer.preshared_key):
        change = replace(change, preshared_key=peer.preshared_key)
    if set(there.allowed_ips) != set(peer.allowed_ips):
        change = replace(change, allowed_ips=peer.allowed_ips)
    if there.keepalive_s:
        change = replace(change, keepalive_s=0)
    if change is not nothing:
        yield change


def _age_s(last_handshake_s: int, now_s: float) -> int | None:
    return max(0, int(now_s) - last_handshake_s) if last_handshake_s else None

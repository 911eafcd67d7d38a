"""What one reading of the device tells beside the one before. No I/O.

The kernel tells the moment of a handshake by the wall clock, which somebody may set; so its age is the time since it
was first seen here, by CLOCK_BOOTTIME.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flexnetd.session.events import HandshakeRead

if TYPE_CHECKING:
    from flexnetd.wireguard.device import PeerState


class Readings:
    def __init__(self) -> None:
        self._last, self._first_seen_s = 0.0, 0.0
        self._sent = self._received = 0

    def event(self, ticket: int, peer: PeerState | None, now_s: float) -> HandshakeRead:
        """`now_s` of CLOCK_BOOTTIME; `peer` None when there is none."""
        last = float(peer.last_handshake_s) if peer else 0.0
        if last != self._last:
            self._last, self._first_seen_s = last, now_s
        sent, received = self._growth(peer.sent_bytes, peer.received_bytes) if peer else (0, 0)
        return HandshakeRead(ticket, last, now_s - self._first_seen_s, sent, received)

    def _growth(self, sent: int, received: int) -> tuple[int, int]:
        """The counters of a new peer begin with nothing."""
        before = (self._sent, self._received)
        self._sent, self._received = sent, received
        if sent < before[0] or received < before[1]:
            return sent, received
        return sent - before[0], received - before[1]

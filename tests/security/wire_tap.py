"""Everything that a host sends by any of its interfaces, heard behind its packet filter: what is told here has left.

Frames that carry, or ask for, an address of `watched` are kept; loopback is not listened to. The socket's own losses
are counted, so that "nothing was heard" means that nothing was sent.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from types import TracebackType

from flexnetd.model.network import Address
from tests.bed.world.host import Host

_ALL, _IPV4, _ARP, _IPV6 = 0x0003, 0x0800, 0x0806, 0x86DD
_OUTGOING = 4
_NO_HARDWARE = 0xFFFE
"""What WireGuard's and TUN's links are of (ARPHRD_NONE)."""
_SOL_PACKET, _STATISTICS = 263, 6
_ROOM = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """`source` and `target` as in the IP header, or as an ARP packet tells and asks them."""

    interface: str
    source: Address
    target: Address
    payload: bytes


class WireTap:
    def __init__(self, host: Host, watched: Sequence[str], inside: str = "flexnet0") -> None:
        self._watched = [ip_network(text) for text in watched]
        self.inside = inside
        self._socket = host.within(_listening)

    def __enter__(self) -> WireTap:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def sent(self) -> list[Sent]:
        """What left towards or from the watched addresses since the last call."""
        heard = []
        while True:
            try:
                frame, (name, protocol, kind, hardware, *_) = self._socket.recvfrom(65536)
            except BlockingIOError:
                break
            # The name is looked up now: an interface that has gone since has none.
            interface = self.inside if not name and hardware == _NO_HARDWARE else name
            one = _read(interface, protocol, frame) if kind == _OUTGOING and interface != "lo" else None
            if one is not None and (self._watches(one.source) or self._watches(one.target)):
                heard.append(one)
        _, lost = struct.unpack("II", self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 8))
        assert lost == 0, "the tap lost frames"
        return heard

    def leaked(self) -> list[Sent]:
        """Of those, what left by another interface than the tunnel."""
        return [one for one in self.sent() if one.interface != self.inside]

    def _watches(self, address: Address) -> bool:
        return any(address in network for network in self._watched)


def _listening() -> socket.socket:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(_ALL))
    tap.setsockopt(socket.SOL_SOCKET, 33, _ROOM)  # SO_RCVBUFFORCE
    return tap


def _read(interface: str, protocol: int, frame: bytes) -> Sent | None:
    if protocol == _IPV4:
        payload = frame[(frame[0] & 15) * 4 :]
        return Sent(interface, ip_address(frame[12:16]), ip_address(frame[16:20]), payload)
    if protocol == _ARP:
        return Sent(interface, ip_address(frame[14:18]), ip_address(frame[24:28]), b"")
    if protocol == _IPV6:
        return Sent(interface, ip_address(frame[8:24]), ip_address(frame[24:40]), frame[40:])
    return None

"""Whether UDP gets from here to a host on the Internet: asked at a port where nothing listens.

The host's own kernel answers such a datagram with "port unreachable" (RFC 1122, 3.2.2.1; RFC 4443, 3.1), and that is
the proof: the datagram was there. A router that says so in the host's place proves nothing, so the sender of the
message counts. Silence proves nothing either: many hosts keep quiet.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
from collections.abc import Iterable
from ipaddress import ip_address

from flexnetd.worker.wait import READABLE, Wait

AGAIN_S = 0.5
# linux/in.h, linux/in6.h, linux/errqueue.h
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_ERROR = struct.Struct("=IBBBBII")
_FROM_ICMP, _FROM_ICMP6 = 2, 3


def refused_by_itself(addresses: Iterable[str], port: int, wait: Wait) -> str | None:
    """The first address that refused a datagram itself; None when none did in time. Raises Fault: CANCELLED."""
    asked: dict[int, tuple[socket.socket, str]] = {}
    try:
        for address in addresses:
            asker = _asker(address, port)
            if asker is not None:
                asked[asker.fileno()] = (asker, address)
        while asked:
            for asker, _ in asked.values():
                _send(asker)
            for descriptor in wait.ready(dict.fromkeys(asked, READABLE), AGAIN_S):
                asker, address = asked.pop(descriptor)
                with asker:
                    if _who_refused(asker) == address:
                        return address
    except TimeoutError:
        pass
    finally:
        for asker, _ in asked.values():
            asker.close()
    return None


def _asker(address: str, port: int) -> socket.socket | None:
    """None when there is no way to that address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    asker = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        if family == socket.AF_INET:
            asker.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        else:
            asker.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
        asker.connect((address, port))
    except OSError:
        asker.close()
        return None
    return asker


def _send(asker: socket.socket) -> None:
    """An error that is reported here is of the datagram before; it stands in the queue, too."""
    try:
        asker.send(b"")
    except OSError:
        return


def _who_refused(asker: socket.socket) -> str:
    """Who sent the "port unreachable" that is next in the queue; "" for anything else."""
    try:
        _, ancillary, _, _ = asker.recvmsg(1, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return ""
    for level, kind, data in ancillary:
        if (level, kind) in {(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)}:
            number, origin, *_ = _ERROR.unpack_from(data)
            if number == errno.ECONNREFUSED and origin in {_FROM_ICMP, _FROM_ICMP6}:
                return _address(data[_ERROR.size :])
    return ""


def _address(name: bytes) -> str:
    """Of a sockaddr."""
    family = int.from_bytes(name[:2], sys.byteorder)
    packed = name[8:24] if family == socket.AF_INET6 else name[4:8]
    return str(ip_address(packed))

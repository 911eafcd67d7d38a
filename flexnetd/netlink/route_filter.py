"""Whether a route's message is about any of some prefixes, told from its bytes. Pure.

A laptop beside a full routing table (a router's daemon, a VPN of many networks) has ten thousand routes, of which a
handful meet the operator's prefixes. To decode all of them takes a second, each time the network changes; to look at
length and destination takes some tens of milliseconds. Needs no codec.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from socket import AF_INET, AF_INET6

from flexnetd.model.network import Prefix
from flexnetd.netlink.socket import HEADER_BYTES, Frame

_ATTRIBUTE = struct.Struct("=HH").unpack_from
_FAMILY, _LENGTH, _ATTRIBUTES = HEADER_BYTES, HEADER_BYTES + 1, HEADER_BYTES + 12
_DESTINATION = 1
_BITS: dict[int, int] = {AF_INET: 32, AF_INET6: 128}


def meeting(prefixes: Iterable[Prefix]) -> Callable[[Frame], bool]:
    """Tells of a message of type RTM_NEWROUTE whether its route lies in, around or on one of these prefixes. What it
    cannot read, it lets through: whoever decodes it says what is wrong."""
    wanted: dict[int, list[tuple[int, int]]] = {AF_INET: [], AF_INET6: []}
    for prefix in prefixes:
        family = AF_INET if prefix.version == 4 else AF_INET6
        wanted[family].append((int(prefix.network_address), prefix.prefixlen))

    def meets(frame: Frame) -> bool:
        data = frame.data
        ours, length = wanted.get(data[_FAMILY]), data[_LENGTH]
        if not ours or length == 0:
            return bool(ours)
        destination = _destination(data)
        if destination is None:
            return True
        bits = _BITS[data[_FAMILY]]
        # A loop, not any(): ten thousand generators are a tenth of the look's time.
        for network, own in ours:  # noqa: SIM110
            if (destination ^ network) >> (bits - (length if length < own else own)) == 0:
                return True
        return False

    return meets


def _destination(data: memoryview) -> int | None:
    offset, end = _ATTRIBUTES, len(data)
    while offset + 4 <= end:
        length, kind = _ATTRIBUTE(data, offset)
        if kind == _DESTINATION:
            return int.from_bytes(data[offset + 4 : offset + length], "big")
        if length < 4:
            return None
        offset += (length + 3) & ~3
    return None

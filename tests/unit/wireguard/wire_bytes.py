"""WireGuard's netlink messages packed by hand: the other opinion against which the codec is held."""

from __future__ import annotations

import socket
import struct
from ipaddress import ip_address, ip_network

NESTED = 0x8000


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def nest(kind: int, *parts: bytes) -> bytes:
    return attribute(kind | NESTED, b"".join(parts))


def u16(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("=H", value))


def u32(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("=I", value))


def u64(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("=Q", value))


def generic(command: int, *parts: bytes) -> bytes:
    """After the netlink header: command, version 1, two reserved bytes, attributes."""
    return struct.pack("=BBH", command, 1, 0) + b"".join(parts)


def allowed_ip(number: int, text: str) -> bytes:
    prefix = ip_network(text)
    family = socket.AF_INET if prefix.version == 4 else socket.AF_INET6
    return nest(
        number,
        u16(1, family),
        attribute(2, prefix.network_address.packed),
        attribute(3, bytes([prefix.prefixlen])),
    )


def endpoint(address: str, port: int) -> bytes:
    packed = ip_address(address).packed
    if len(packed) == 4:
        return attribute(4, struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + packed + bytes(8))
    return attribute(4, struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0) + packed + bytes(4))


def handshake(seconds: int, nanoseconds: int = 0) -> bytes:
    return attribute(6, struct.pack("=qq", seconds, nanoseconds))

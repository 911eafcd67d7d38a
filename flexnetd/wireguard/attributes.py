"""The attributes of WireGuard's netlink messages, walked in place, and a device's dump read from them. Pure.

The rules:
- A dump comes in as many messages as it needs. The first tells of the device; a peer whose AllowedIPs did not fit goes
  on in the next message under the same public key. So messages are read into parts, and the parts merged by public key.
- Private keys are walked over, and preshared keys are read by their digest alone: no copy of them is ever made.
- Ten thousand peers are read in a fraction of a second, which a general codec takes many seconds for.
- What does not have the kernel's shape is `ValueError`: a message cut short is never half a device.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from socket import AF_INET, AF_INET6

from flexnetd.model.network import Endpoint, Prefix
from flexnetd.wireguard.device import DeviceState, PeerState, key_digest

_ATTRIBUTE = struct.Struct("=HH")
_U8 = struct.Struct("=B")
_U16 = struct.Struct("=H")
_U32 = struct.Struct("=I")
_U64 = struct.Struct("=Q")
_TIME = struct.Struct("=qq")
_PORT = struct.Struct("!H")
_TYPE_MASK = 0x3FFF  # the two upper bits say "nested" and "network byte order"


class DevicePart(IntEnum):
    """WGDEVICE_A_*"""

    IFINDEX = 1
    IFNAME = 2
    PRIVATE_KEY = 3
    PUBLIC_KEY = 4
    LISTEN_PORT = 6
    FWMARK = 7
    PEERS = 8


class PeerPart(IntEnum):
    """WGPEER_A_*"""

    PUBLIC_KEY = 1
    PRESHARED_KEY = 2
    ENDPOINT = 4
    KEEPALIVE = 5
    LAST_HANDSHAKE = 6
    RECEIVED = 7
    SENT = 8
    ALLOWED_IPS = 9


class AllowedIpPart(IntEnum):
    """WGALLOWEDIP_A_*"""

    FAMILY = 1
    ADDRESS = 2
    MASK = 3


@dataclass(slots=True)
class _Peer:
    """A peer while its parts come in."""

    public_key: bytes = b""
    endpoint: Endpoint | None = None
    allowed_ips: list[Prefix] = field(default_factory=list)
    last_handshake_s: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    keepalive_s: int = 0
    preshared_key_digest: bytes = b""


@dataclass(slots=True)
class Dump:
    """What one message of a dump tells; `None` where it tells nothing."""

    ifindex: int | None = None
    name: str | None = None
    public_key: bytes | None = None
    listen_port: int = 0
    fwmark: int = 0
    peers: list[_Peer] = field(default_factory=list)


def attributes(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Type and value of each attribute, the value as a view. Raises ValueError when a length leads outside."""
    offset = 0
    while offset < len(data):
        if offset + 4 > len(data):
            raise ValueError("an attribute is cut short")
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if length < 4 or offset + length > len(data):
            raise ValueError("an attribute leads outside its message")
        yield kind & _TYPE_MASK, data[offset + 4 : offset + length]
        offset += (length + 3) & ~3


def dump_from_body(body: memoryview) -> Dump:
    """What one message tells; `body` comes after the generic netlink header. Raises ValueError."""
    dump = Dump()
    for part, value in attributes(body):
        match part:
            case DevicePart.IFINDEX:
                (dump.ifindex,) = _exactly(_U32, value)
            case DevicePart.IFNAME:
                dump.name = bytes(value).rstrip(b"\0").decode()
            case DevicePart.PUBLIC_KEY:
                dump.public_key = bytes(value)
            case DevicePart.LISTEN_PORT:
                (dump.listen_port,) = _exactly(_U16, value)
            case DevicePart.FWMARK:
                (dump.fwmark,) = _exactly(_U32, value)
            case DevicePart.PEERS:
                dump.peers.extend(_peer(encoded) for _, encoded in attributes(value))
            case _:
                pass  # the private key, flags, and what a later kernel adds
    return dump


def device_from_dumps(dumps: list[Dump]) -> DeviceState:
    """The device that the messages of one dump tell of together. Raises ValueError when none of them names it."""
    head = next((dump for dump in dumps if dump.ifindex is not None and dump.name is not None), None)
    if head is None or head.ifindex is None or head.name is None:
        raise ValueError("a dump without a device")
    peers: dict[bytes, _Peer] = {}
    for dump in dumps:
        for peer in dump.peers:
            if known := peers.get(peer.public_key):
                known.allowed_ips.extend(peer.allowed_ips)
            else:
                peers[peer.public_key] = peer
    return DeviceState(
        ifindex=head.ifindex,
        name=head.name,
        public_key=head.public_key or bytes(32),
        listen_port=head.listen_port,
        fwmark=head.fwmark,
        peers=tuple(_state(peer) for peer in peers.values()),
    )


def _state(peer: _Peer) -> PeerState:
    return PeerState(
        public_key=peer.public_key,
        endpoint=peer.endpoint,
        allowed_ips=tuple(peer.allowed_ips),
        last_handshake_s=peer.last_handshake_s,
        received_bytes=peer.received_bytes,
        sent_bytes=peer.sent_bytes,
        keepalive_s=peer.keepalive_s,
        preshared_key_digest=peer.preshared_key_digest,
    )


def _peer(encoded: memoryview) -> _Peer:  # noqa: C901 - one line a part
    peer = _Peer()
    for part, value in attributes(encoded):
        match part:
            case PeerPart.PUBLIC_KEY:
                peer.public_key = bytes(value)
            case PeerPart.PRESHARED_KEY:
                peer.preshared_key_digest = key_digest(value)
            case PeerPart.ENDPOINT:
                peer.endpoint = _endpoint(value)
            case PeerPart.KEEPALIVE:
                (peer.keepalive_s,) = _exactly(_U16, value)
            case PeerPart.LAST_HANDSHAKE:
                peer.last_handshake_s = _exactly(_TIME, value)[0]
            case PeerPart.RECEIVED:
                (peer.received_bytes,) = _exactly(_U64, value)
            case PeerPart.SENT:
                (peer.sent_bytes,) = _exactly(_U64, value)
            case PeerPart.ALLOWED_IPS:
                peer.allowed_ips.extend(_allowed_ip(entry) for _, entry in attributes(value))
            case _:
                pass  # flags, the protocol's version
    if len(peer.public_key) != 32:
        raise ValueError("a peer without a public key")
    return peer


def _endpoint(value: memoryview) -> Endpoint | None:
    """struct sockaddr_in or sockaddr_in6; None for a family that we do not know."""
    (family,) = _exactly(_U16, value[:2])
    (port,) = _exactly(_PORT, value[2:4])
    if family == AF_INET and len(value) == 16:
        return Endpoint(IPv4Address(bytes(value[4:8])), port)
    if family == AF_INET6 and len(value) == 28:
        return Endpoint(IPv6Address(bytes(value[8:24])), port)
    return None


def _allowed_ip(entry: memoryview) -> Prefix:
    address, mask = b"", 0
    for part, value in attributes(entry):
        match part:
            case AllowedIpPart.ADDRESS:
                address = bytes(value)
            case AllowedIpPart.MASK:
                (mask,) = _exactly(_U8, value)
            case _:
                pass  # the family, which the address's length says too
    if len(address) == 4:
        return IPv4Network((address, mask))
    return IPv6Network((address, mask))


def _exactly(layout: struct.Struct, value: memoryview) -> tuple[int, ...]:
    try:
        return layout.unpack(value)
    except struct.error:
        raise ValueError("a value of the wrong size") from None

"""WireGuard's generic netlink messages, on pyroute2's codec.

Source: include/uapi/linux/wireguard.h of the kernel. pyroute2's own class of them is not used: its `set` means opposite
things in 0.7 and 0.9, takes one peer a call, cannot replace the peers, and carries keys as text.

No key passes through the codec, since what it copies cannot be wiped: a message is encoded with zeros in the place of
its private and preshared keys, and the keys are put into the bytes that leave.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

from flexnetd.model.network import Endpoint, Prefix
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink import codec
from flexnetd.wireguard.attributes import DevicePart, PeerPart, attributes
from flexnetd.wireguard.device import KEY_BYTES, DeviceChange, PeerChange

FAMILY_NAME = "wireguard"
CMD_GET_DEVICE = 0
CMD_SET_DEVICE = 1
_VERSION = 1
_GENERIC_HEADER_BYTES = 4

_REPLACE_PEERS = 0x1
_REMOVE_ME = 0x1
_REPLACE_ALLOWED_IPS = 0x2
_UPDATE_ONLY = 0x4
_NESTED = 0x8000

_PLACEHOLDER = bytes(KEY_BYTES)


class AllowedIpAttribute(codec.Attribute):  # type: ignore[misc] # pyroute2 has no types
    nla_flags = _NESTED
    nla_map = (
        ("WGALLOWEDIP_A_UNSPEC", "none"),
        ("WGALLOWEDIP_A_FAMILY", "uint16"),
        ("WGALLOWEDIP_A_IPADDR", "cdata"),
        ("WGALLOWEDIP_A_CIDR_MASK", "uint8"),
    )


class PeerAttribute(codec.Attribute):  # type: ignore[misc] # pyroute2 has no types
    nla_flags = _NESTED
    nla_map = (
        ("WGPEER_A_UNSPEC", "none"),
        ("WGPEER_A_PUBLIC_KEY", "cdata"),
        ("WGPEER_A_PRESHARED_KEY", "cdata"),
        ("WGPEER_A_FLAGS", "uint32"),
        ("WGPEER_A_ENDPOINT", "cdata"),
        ("WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL", "uint16"),
        ("WGPEER_A_LAST_HANDSHAKE_TIME", "cdata"),
        ("WGPEER_A_RX_BYTES", "uint64"),
        ("WGPEER_A_TX_BYTES", "uint64"),
        ("WGPEER_A_ALLOWEDIPS", "*allowed_ip"),
        ("WGPEER_A_PROTOCOL_VERSION", "uint32"),
    )
    allowed_ip = AllowedIpAttribute


class DeviceMessage(codec.GenericMessage):  # type: ignore[misc] # pyroute2 has no types
    prefix = "WGDEVICE_A_"
    nla_map = (
        ("WGDEVICE_A_UNSPEC", "none"),
        ("WGDEVICE_A_IFINDEX", "uint32"),
        ("WGDEVICE_A_IFNAME", "asciiz"),
        ("WGDEVICE_A_PRIVATE_KEY", "cdata"),
        ("WGDEVICE_A_PUBLIC_KEY", "cdata"),
        ("WGDEVICE_A_FLAGS", "uint32"),
        ("WGDEVICE_A_LISTEN_PORT", "uint16"),
        ("WGDEVICE_A_FWMARK", "uint32"),
        ("WGDEVICE_A_PEERS", "*peer"),
    )
    peer = PeerAttribute


def get_payload(name: str) -> bytearray:
    """The request for a device's dump, after the netlink header."""
    return codec.payload_of(
        codec.message(DeviceMessage, [("WGDEVICE_A_IFNAME", name)], cmd=CMD_GET_DEVICE, version=_VERSION)
    )


def set_payload(name: str, change: DeviceChange) -> bytearray:
    """The request that carries the change out, after the netlink header. It holds the keys: wipe it when it is sent."""
    found = _device_attributes(name, change)
    payload = codec.payload_of(codec.message(DeviceMessage, found, cmd=CMD_SET_DEVICE, version=_VERSION))
    _put_keys(memoryview(payload)[_GENERIC_HEADER_BYTES:], change)
    return payload


def family_payload() -> bytearray:
    """The request for the number that the kernel gave to WireGuard's family; the answer is a `ControlMessage`."""
    get_family = 3
    found = [("CTRL_ATTR_FAMILY_NAME", FAMILY_NAME)]
    return codec.payload_of(codec.message(codec.ControlMessage, found, cmd=get_family, version=_VERSION))


def _device_attributes(name: str, change: DeviceChange) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("WGDEVICE_A_IFNAME", name)]
    if change.private_key is not None:
        found.append(("WGDEVICE_A_PRIVATE_KEY", _PLACEHOLDER))
    if change.replace_peers:
        found.append(("WGDEVICE_A_FLAGS", _REPLACE_PEERS))
    if change.listen_port is not None:
        found.append(("WGDEVICE_A_LISTEN_PORT", change.listen_port))
    if change.fwmark is not None:
        found.append(("WGDEVICE_A_FWMARK", change.fwmark))
    if change.peers:
        found.append(("WGDEVICE_A_PEERS", [_peer_attributes(peer) for peer in change.peers]))
    return found


def _peer_attributes(peer: PeerChange) -> dict[str, list[list[Any]]]:
    found: list[list[Any]] = [["WGPEER_A_PUBLIC_KEY", peer.public_key]]
    if peer.preshared_key is not None:
        found.append(["WGPEER_A_PRESHARED_KEY", _PLACEHOLDER])
    if flags := _peer_flags(peer):
        found.append(["WGPEER_A_FLAGS", flags])
    if peer.endpoint is not None:
        found.append(["WGPEER_A_ENDPOINT", _socket_address(peer.endpoint)])
    if peer.keepalive_s is not None:
        found.append(["WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL", peer.keepalive_s])
    if peer.allowed_ips:
        found.append(["WGPEER_A_ALLOWEDIPS", [_allowed_ip_attributes(prefix) for prefix in peer.allowed_ips]])
    return {"attrs": found}


def _peer_flags(peer: PeerChange) -> int:
    replaces = peer.allowed_ips is not None and peer.replace_allowed_ips
    return (
        (_REMOVE_ME if peer.remove else 0)
        | (_REPLACE_ALLOWED_IPS if replaces else 0)
        | (_UPDATE_ONLY if peer.only_if_present else 0)
    )


def _allowed_ip_attributes(prefix: Prefix) -> dict[str, list[list[Any]]]:
    family = socket.AF_INET if prefix.version == 4 else socket.AF_INET6
    return {
        "attrs": [
            ["WGALLOWEDIP_A_FAMILY", int(family)],
            ["WGALLOWEDIP_A_IPADDR", prefix.network_address.packed],
            ["WGALLOWEDIP_A_CIDR_MASK", prefix.prefixlen],
        ]
    }


def _socket_address(endpoint: Endpoint) -> bytes:
    """struct sockaddr_in or sockaddr_in6: family in host order, port in network order."""
    if endpoint.address.version == 4:
        return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", endpoint.port, endpoint.address.packed)
    return struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16sI", endpoint.port, 0, endpoint.address.packed, 0)


def _put_keys(body: memoryview, change: DeviceChange) -> None:
    for part, value in attributes(body):
        if part == DevicePart.PRIVATE_KEY and change.private_key is not None:
            _put(change.private_key, value)
        elif part == DevicePart.PEERS:
            for (_, encoded), peer in zip(attributes(value), change.peers, strict=True):
                _put_peer_key(encoded, peer)


def _put_peer_key(encoded: memoryview, peer: PeerChange) -> None:
    for part, value in attributes(encoded):
        if part == PeerPart.PRESHARED_KEY and peer.preshared_key is not None:
            _put(peer.preshared_key, value)


def _put(secret: SecretBytes, place: memoryview) -> None:
    # From buffer to buffer: reveal() would leave a copy in freed memory that nobody can wipe.
    place[:] = secret._buffer

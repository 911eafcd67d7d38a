"""What a UAPI `get` answers, read into a device's state. Pure.

The answer is lines of key=value: those before the first `public_key` tell of the device, each `public_key` begins a
peer, `errno` ends it. Keys are in hexadecimal. An unknown key is skipped, since later versions add some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import ip_address, ip_network

from flexnetd.model.network import Endpoint
from flexnetd.wireguard.device import DeviceState, PeerState


def device_from_lines(
    ifindex: int, name: str, lines: Iterable[str], public_key: Callable[[bytes], bytes]
) -> DeviceState:
    """The device that the lines tell of; `public_key` derives the public from the private key. Raises ValueError."""
    device = DeviceState(ifindex, name, bytes(32), 0, 0)
    peers: list[PeerState] = []
    for line in lines:
        if not line:
            break
        key, _, value = line.partition("=")
        if key == "errno":
            if value != "0":
                raise ValueError("the device was not told")
        elif key == "public_key":
            peers.append(PeerState(_key(value)))
        elif peers:
            peers[-1] = _told(peers[-1], key, value)
        else:
            device = _device_told(device, key, value, public_key)
    return replace(device, peers=tuple(peers))


def _device_told(device: DeviceState, key: str, value: str, public_key: Callable[[bytes], bytes]) -> DeviceState:
    match key:
        case "private_key":
            return replace(device, public_key=public_key(_key(value)))
        case "listen_port":
            return replace(device, listen_port=int(value))
        case "fwmark":
            return replace(device, fwmark=int(value))
        case _:
            return device


def _told(peer: PeerState, key: str, value: str) -> PeerState:  # noqa: PLR0911 - one line a key
    match key:
        case "endpoint":
            return replace(peer, endpoint=_endpoint(value))
        case "allowed_ip":
            return replace(peer, allowed_ips=(*peer.allowed_ips, ip_network(value)))
        case "last_handshake_time_sec":
            return replace(peer, last_handshake_s=int(value))
        case "rx_bytes":
            return replace(peer, received_bytes=int(value))
        case "tx_bytes":
            return replace(peer, sent_bytes=int(value))
        case "persistent_keepalive_interval":
            return replace(peer, keepalive_s=int(value))
        case _:
            return peer  # the preshared key, what is below a second, the protocol's version


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.rpartition(":")
    return Endpoint(ip_address(host.strip("[]").partition("%")[0]), int(port))


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError("a key of the wrong length")
    return key

"""What a UAPI `set` asks and what a `get` answers. Pure.

The answer to `get` is lines of key=value: those before the first `public_key` tell of the device, each `public_key`
begins a peer, `errno` ends it; without it the answer was cut short. Keys are in hexadecimal. An unknown key is skipped,
since later versions add some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network

from flexnetd.model.network import Endpoint
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, key_digest


def set_lines(change: DeviceChange) -> Iterator[str]:
    """The lines of a set request. They hold keys."""
    if change.private_key is not None:
        yield f"private_key={change.private_key.reveal().hex()}\n"
    if change.listen_port is not None:
        yield f"listen_port={change.listen_port}\n"
    if change.fwmark is not None:
        yield f"fwmark={change.fwmark}\n"
    if change.replace_peers:
        yield "replace_peers=true\n"
    for peer in change.peers:
        yield from _peer_lines(peer)


def device_from_lines(
    ifindex: int, name: str, lines: Iterable[str], public_key: Callable[[bytes], bytes]
) -> DeviceState:
    """The device that the lines tell of; `public_key` derives the public from the private key. Raises ValueError."""
    device = DeviceState(ifindex, name, bytes(32), 0, 0)
    peers: list[PeerState] = []
    for line in lines:
        key, _, value = line.partition("=")
        if key == "errno" and value == "0":
            return replace(device, peers=tuple(peers))
        if key == "public_key":
            peers.append(PeerState(_key(value)))
        elif peers:
            peers[-1] = _told(peers[-1], key, value)
        else:
            device = _device_told(device, key, value, public_key)
    raise ValueError("the device was not told to its end")


def _peer_lines(peer: PeerChange) -> Iterator[str]:
    yield f"public_key={peer.public_key.hex()}\n"
    if peer.remove:
        yield "remove=true\n"
    if peer.only_if_present:
        yield "update_only=true\n"
    if peer.preshared_key is not None:
        yield f"preshared_key={peer.preshared_key.reveal().hex()}\n"
    if peer.endpoint is not None:
        yield f"endpoint={peer.endpoint}\n"
    if peer.keepalive_s is not None:
        yield f"persistent_keepalive_interval={peer.keepalive_s}\n"
    if peer.allowed_ips is not None:
        if peer.replace_allowed_ips:
            yield "replace_allowed_ips=true\n"
        for prefix in peer.allowed_ips:
            yield f"allowed_ip={prefix}\n"


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
        case "preshared_key":
            return replace(peer, preshared_key_digest=key_digest(memoryview(_key(value))))
        case _:
            return peer  # what is below a second, the protocol's version


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.rpartition(":")
    return Endpoint(ip_address(host.strip("[]").partition("%")[0]), int(port))


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError("a key of the wrong length")
    return key

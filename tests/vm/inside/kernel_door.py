"""Runs in the VM, called from there: the product's door to the kernel's WireGuard, and `wg` as the judge beside it."""

from __future__ import annotations

import base64
import pickle
import subprocess
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from pathlib import Path

from flexnetd.model.network import Endpoint
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, key_digest
from flexnetd.wireguard.kernel import KernelWireGuard
from tests.bed.await_ import until

HANDSHAKE_S = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the door read and what `wg` said, as the same kind of value; preshared keys in the words of `wg`, by peer;
    `private_key` as `wg showconf` gives it; `leaked`: the door's answer holds one of the secrets that were set."""

    door: DeviceState
    judge: DeviceState
    preshared_keys: dict[bytes, str]
    private_key: str
    leaked: bool


def seen_after(name: str, *changes: DeviceChange) -> Seen:
    """Makes the device, unless it is there, and carries the changes out."""
    door = KernelWireGuard()
    if door.read(name) is None:
        door.create(name)
    for change in changes:
        door.change(name, change)
    state = door.read(name)
    assert state is not None
    lines = [line.split("\t") for line in _wg("show", name, "dump").splitlines()]
    keys = {_key(fields[0]): fields[1] for fields in lines[1:]}
    config = _wg("showconf", name)
    private_key = next((line.split()[-1] for line in config.splitlines() if line.startswith("PrivateKey")), "")
    secrets = [base64.b64decode(word) for word in (private_key, *keys.values()) if word not in {"", "(none)"}]
    told = pickle.dumps(state) + repr(state).encode()
    leaked = any(secret in told or base64.b64encode(secret) in told for secret in secrets)
    return Seen(state, _judged(name, lines), keys, private_key, leaked)


def handshake_by_keepalive(
    change: DeviceChange, other: DeviceChange, within_s: float = HANDSHAKE_S
) -> tuple[PeerState, PeerState]:
    """Two devices of this machine, each the other's peer; the first one's keepalive is turned on, and both are given
    back when they have shaken hands. Raises NeverCame."""
    door = KernelWireGuard()
    for name, wanted in (("wgone", change), ("wgother", other)):
        door.create(name)
        quiet = tuple(replace(peer, keepalive_s=0) for peer in wanted.peers)
        door.change(name, replace(wanted, peers=quiet))
        subprocess.run(["ip", "link", "set", name, "up"], check=True)
    assert _peer(door, "wgone").last_handshake_s == 0
    door.change("wgone", DeviceChange(peers=(PeerChange(change.peers[0].public_key, keepalive_s=25),)))
    until(lambda: _peer(door, "wgone").last_handshake_s, within_s, "a handshake")
    until(lambda: _peer(door, "wgother").received_bytes, HANDSHAKE_S, "the keepalive")
    return _peer(door, "wgone"), _peer(door, "wgother")


def _peer(door: KernelWireGuard, name: str) -> PeerState:
    state = door.read(name)
    assert state is not None
    return state.peers[0]


def _judged(name: str, lines: list[list[str]]) -> DeviceState:
    _, public_key, port, fwmark = lines[0]
    index = int((Path("/sys/class/net") / name / "ifindex").read_text())
    mark = 0 if fwmark == "off" else int(fwmark, 16)
    return DeviceState(index, name, _key(public_key), int(port), mark, tuple(_judged_peer(line) for line in lines[1:]))


def _judged_peer(fields: list[str]) -> PeerState:
    key, preshared_key, endpoint, allowed_ips, handshake, received, sent, keepalive = fields
    prefixes = () if allowed_ips == "(none)" else tuple(ip_network(text) for text in allowed_ips.split(","))
    keepalive_s = 0 if keepalive == "off" else int(keepalive)
    digest = key_digest(memoryview(_key(preshared_key)))
    return PeerState(
        _key(key), _endpoint(endpoint), prefixes, int(handshake), int(received), int(sent), keepalive_s, digest
    )


def _endpoint(text: str) -> Endpoint | None:
    if text == "(none)":
        return None
    host, _, port = text.rpartition(":")
    return Endpoint(ip_address(host.strip("[]")), int(port))


def _key(text: str) -> bytes:
    return bytes(32) if text == "(none)" else base64.b64decode(text)


def _wg(*words: str) -> str:
    return subprocess.run(["wg", *words], capture_output=True, text=True, check=True).stdout

"""From held peers and a device to one change, told in readable lines."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import pytest

from flexnetd.gateway.lease import HeldPeer
from flexnetd.gateway.plan import plan, statistics
from flexnetd.model.secret import SecretBytes
from flexnetd.wire.gateway import PeerStatistics
from flexnetd.wireguard.device import DeviceChange, DeviceState, PeerChange, PeerState, key_digest

ALICE, BOB, EVE = b"a" * 32, b"b" * 32, b"e" * 32
PSK, NEW_PSK = SecretBytes(b"p" * 32), SecretBytes(b"n" * 32)


def held(key: bytes = ALICE, ip: str = "10.89.0.7", psk: SecretBytes | None = PSK) -> HeldPeer:
    return HeldPeer(key, (ip_network(ip),), 100, psk)


def there(key: bytes = ALICE, *ips: str, keepalive_s: int = 0, psk: SecretBytes = PSK) -> PeerState:
    addresses = tuple(map(ip_network, ips or ("10.89.0.7",)))
    return PeerState(key, allowed_ips=addresses, keepalive_s=keepalive_s, preshared_key_digest=key_digest(psk))


def device(*peers: PeerState) -> DeviceState:
    return DeviceState(7, "flexnet-gw0", bytes(32), 51820, 0, peers)


def lines(change: DeviceChange | None) -> list[str]:
    """One readable line for each peer of the change."""
    assert change is None or change == DeviceChange(peers=change.peers)  # the rest of the device is never touched
    return [_line(peer) for peer in change.peers] if change else []


def _line(peer: PeerChange) -> str:
    words = [peer.public_key[:1].decode()]
    words += ["remove"] * peer.remove + ["if-present"] * peer.only_if_present
    if peer.preshared_key is not None:
        words.append(f"psk={peer.preshared_key.reveal()[:1].decode()}")
    if peer.allowed_ips is not None:
        assert peer.replace_allowed_ips
        words.append("ips=" + ",".join(map(str, peer.allowed_ips)))
    if peer.keepalive_s is not None:
        words.append(f"keepalive={peer.keepalive_s}")
    assert peer.endpoint is None
    return " ".join(words)


CASES = {
    "nothing held, nothing there": ((), device(), []),
    "a new peer": ((held(),), device(), ["a psk=p ips=10.89.0.7/32"]),
    "as it should be": ((held(),), device(there()), []),
    "a peer too many": ((), device(there(EVE)), ["e remove"]),
    "removals first": (
        (held(BOB, "10.89.0.7"),),
        device(there(ALICE)),
        ["a remove", "b psk=p ips=10.89.0.7/32"],
    ),
    "another preshared key": ((held(psk=NEW_PSK),), device(there()), ["a if-present psk=n"]),
    "no preshared key": ((held(),), device(there(psk=SecretBytes(bytes(32)))), ["a if-present psk=p"]),
    "addresses differ": ((held(),), device(there(ALICE, "10.89.0.9")), ["a if-present ips=10.89.0.7/32"]),
    "addresses missing": (
        (held(),),
        device(replace(there(), allowed_ips=())),
        ["a if-present ips=10.89.0.7/32"],
    ),
    "an address too many": (
        (held(),),
        device(there(ALICE, "10.89.0.7", "0.0.0.0/0")),
        ["a if-present ips=10.89.0.7/32"],
    ),
    "a keepalive": ((held(),), device(there(keepalive_s=25)), ["a if-present keepalive=0"]),
    "addresses swapped": (
        (held(ALICE, "10.89.0.8"), held(BOB, "10.89.0.7")),
        device(there(ALICE, "10.89.0.7"), there(BOB, "10.89.0.8")),
        ["a if-present ips=10.89.0.8/32", "b if-present ips=10.89.0.7/32"],
    ),
    "from the record: what is there stays": ((held(psk=None),), device(there()), []),
    "from the record: what is not there cannot be made": ((held(psk=None),), device(), []),
    "from the record: a stranger goes": ((held(psk=None),), device(there(), there(EVE, "10.89.0.9")), ["e remove"]),
}


@pytest.mark.parametrize(("peers", "actual", "expected"), CASES.values(), ids=CASES)
def test_the_change_is(peers: tuple[HeldPeer, ...], actual: DeviceState, expected: list[str]) -> None:
    assert lines(plan(peers, actual)) == expected


def test_statistics_tell_of_held_peers_only() -> None:
    peers = (
        PeerState(ALICE, received_bytes=1, sent_bytes=2, last_handshake_s=990),
        PeerState(BOB, last_handshake_s=0),
        PeerState(EVE, received_bytes=5),
    )
    assert statistics((held(), held(BOB, "10.89.0.8")), device(*peers), 1000.9) == (
        PeerStatistics(ALICE, 1, 2, 10),
        PeerStatistics(BOB, 0, 0, None),
    )


def test_a_handshake_of_a_clock_ahead_is_now() -> None:
    assert statistics((held(),), device(PeerState(ALICE, last_handshake_s=2000)), 1000)[0].handshake_age_s == 0

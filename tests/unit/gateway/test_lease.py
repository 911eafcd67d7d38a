"""Until when which peer may be there."""

from __future__ import annotations

import base64
import math
from ipaddress import ip_interface, ip_network
from pathlib import Path

import pytest

from flexnetd.gateway.config import InterfaceConfig
from flexnetd.gateway.lease import HeldPeer, Lease, changes_at, isolated, lease_from_list, peers_at
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.wire.gateway import Peer, PeerList
from flexnetd.wire.json_codec import Malformed

ALICE, BOB = b"a" * 32, b"b" * 32
PSK = b"p" * 32
INTERFACE = InterfaceConfig(
    "flexnet-gw0", (ip_interface("10.89.0.1/17"), ip_interface("fd00:89::1/64")), 51820, 1420, Path("key")
)


def peer(
    key: bytes = ALICE, ips: tuple[str, ...] = ("10.89.0.7/32",), ends_in_s: int = 100, psk: str | None = None
) -> Peer:
    return Peer(key, Secret(base64.b64encode(PSK).decode() if psk is None else psk), ips, ends_in_s)


def listed(*peers: Peer, limit_s: int = 50) -> PeerList:
    return PeerList(3, limit_s, peers)


def refusal(told: PeerList) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        lease_from_list(told, INTERFACE, 0)
    return caught.value.field, caught.value.problem


def test_a_list_counts_from_its_arrival() -> None:
    lease = lease_from_list(listed(peer(ips=("10.89.0.7/32", "fd00:89::7/128"))), INTERFACE, 1000.5)
    assert lease == Lease(
        3,
        50,
        1000.5,
        (HeldPeer(ALICE, (ip_network("10.89.0.7/32"), ip_network("fd00:89::7/128")), 1100.5, SecretBytes(PSK)),),
    )


def test_an_address_without_a_length_is_one_host() -> None:
    lease = lease_from_list(listed(peer(ips=("10.89.0.7",))), INTERFACE, 0)
    assert lease.peers[0].allowed_ips == (ip_network("10.89.0.7/32"),)


@pytest.mark.parametrize(
    ("told", "field", "problem"),
    [
        (listed(peer(ips=("10.89.0.0/24",))), "peers[0].allowed_ips", "more than one host"),
        (listed(peer(ips=("0.0.0.0/0",))), "peers[0].allowed_ips", "more than one host"),
        (listed(peer(), peer(BOB, ("10.90.0.1/32",))), "peers[1].allowed_ips", "outside of the tunnel's networks"),
        (listed(peer(ips=("fd01::1/128",))), "peers[0].allowed_ips", "outside of the tunnel's networks"),
        (listed(peer(ips=("10.89.0.1/32",))), "peers[0].allowed_ips", "the gateway's own address"),
        (listed(peer(ips=("fd00:89::1/128",))), "peers[0].allowed_ips", "the gateway's own address"),
        (listed(peer(ips=("ten",))), "peers[0].allowed_ips", "not a prefix"),
        (listed(peer(), peer(ips=("10.89.0.8/32",))), "peers.public_key", "twice"),
        (listed(peer(), peer(BOB)), "peers.allowed_ips", "twice"),
        (listed(peer(ips=("10.89.0.7", "10.89.0.7/32"))), "peers.allowed_ips", "twice"),
        (listed(peer(psk="?" * 44)), "peers[0].preshared_key", "not base64"),
        (listed(peer(psk=base64.b64encode(b"p" * 33).decode())), "peers[0].preshared_key", "not a key"),
        (listed(peer(), limit_s=0), "isolation_limit_s", "less than a second"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_as_a_whole(told: PeerList, field: str, problem: str) -> None:
    assert refusal(told) == (field, problem)


LEASE = lease_from_list(
    listed(peer(ALICE, ("10.89.0.7",), 30), peer(BOB, ("10.89.0.8",), 40), limit_s=100), INTERFACE, 1000
)
SHORT = lease_from_list(listed(peer(ends_in_s=1000), limit_s=20), INTERFACE, 1000)


def keys_at(lease: Lease | None, now_s: float) -> list[bytes]:
    return [held.public_key for held in peers_at(lease, now_s)]


@pytest.mark.parametrize(
    ("now_s", "keys"), [(1000, [ALICE, BOB]), (1029.9, [ALICE, BOB]), (1030, [BOB]), (1039.9, [BOB]), (1040, [])]
)
def test_each_peer_is_there_until_its_own_end(now_s: float, keys: list[bytes]) -> None:
    assert keys_at(LEASE, now_s) == keys


@pytest.mark.parametrize(("now_s", "keys", "cut_off"), [(1019.9, [ALICE], False), (1020, [], True), (2000, [], True)])
def test_cut_off_for_longer_than_the_limit_no_peer_is_there(now_s: float, keys: list[bytes], cut_off: bool) -> None:
    assert keys_at(SHORT, now_s) == keys
    assert isolated(SHORT, now_s) is cut_off


def test_nothing_heard_ever_means_no_peer() -> None:
    assert keys_at(None, 0) == []


def test_a_peer_that_has_ended_already_is_never_there() -> None:
    assert keys_at(lease_from_list(listed(peer(ends_in_s=0)), INTERFACE, 5), 5) == []


@pytest.mark.parametrize(
    ("lease", "now_s", "due_s"),
    [
        (None, 0, math.inf),
        (LEASE, 1000, 1030),
        (LEASE, 1030, 1040),
        (LEASE, 1040, math.inf),
        (SHORT, 1000, 1020),
        (SHORT, 1020, math.inf),
    ],
)
def test_the_next_change_is_the_next_end_or_isolation(lease: Lease | None, now_s: float, due_s: float) -> None:
    assert changes_at(lease, now_s) == due_s

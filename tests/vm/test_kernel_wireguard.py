"""The door to the kernel's WireGuard, on the kernels and with the libraries of Debian 12 and 13. `wg` is the judge."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.derive import derived_public_key
from flexnetd.wireguard.device import DeviceChange, PeerChange
from tests.bed.await_ import NeverCame
from tests.bed.vm.machine import Vm
from tests.bed.vm.workstation import VmWorkstation
from tests.vm.inside.kernel_door import handshake_by_keepalive, seen_after

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]


def clamped(private_key: bytes) -> bytes:
    """As the kernel keeps it (RFC 7748)."""
    return bytes([private_key[0] & 248, *private_key[1:31], private_key[31] & 127 | 64])


NAME = "flexnet0"
PRIVATE_KEY = clamped(hashlib.sha256(b"private").digest())
PRESHARED_KEY = hashlib.sha256(b"preshared").digest()


def key(number: int) -> bytes:
    return hashlib.sha256(f"peer {number}".encode()).digest()


@pytest.fixture
def vm(place: VmWorkstation) -> Iterator[Vm]:
    yield place.vm
    if NAME in place.vm.run(["ip", "-br", "link"]).stdout:
        place.vm.run(["ip", "link", "delete", NAME])


def test_what_is_set_is_there_and_what_is_read_holds_no_secret(vm: Vm) -> None:
    near = PeerChange(
        key(1),
        preshared_key=SecretBytes(PRESHARED_KEY),
        endpoint=Endpoint(IPv4Address("192.0.2.7"), 51820),
        allowed_ips=(ip_network("10.88.0.0/16"), ip_network("2001:db8:88::/48")),
        keepalive_s=25,
    )
    far = PeerChange(key(2), endpoint=Endpoint(IPv6Address("2001:db8::7"), 443), allowed_ips=())
    seen = vm.call(seen_after, NAME, DeviceChange(SecretBytes(PRIVATE_KEY), 51820, 0x1234, (near, far)))
    assert seen.door == seen.judge
    assert (seen.door.public_key, seen.door.fwmark) == (derived_public_key(PRIVATE_KEY), 0x1234)
    assert {(peer.public_key, peer.endpoint, peer.allowed_ips, peer.keepalive_s) for peer in seen.door.peers} == {
        (near.public_key, near.endpoint, near.allowed_ips, 25),
        (far.public_key, far.endpoint, (), 0),
    }
    assert seen.private_key == base64.b64encode(PRIVATE_KEY).decode()
    assert seen.preshared_keys == {key(1): base64.b64encode(PRESHARED_KEY).decode(), key(2): "(none)"}
    assert not seen.leaked


def test_a_change_changes_what_it_names_and_nothing_else(vm: Vm) -> None:
    ours, theirs = ip_network("10.1.0.0/16"), ip_network("10.2.0.0/16")
    first = DeviceChange(
        SecretBytes(PRIVATE_KEY),
        51820,
        peers=tuple(
            PeerChange(key(n), allowed_ips=(ip_network((0x0A000000 + n, 32)),), keepalive_s=9) for n in range(3)
        ),
    )
    second = DeviceChange(
        peers=(
            PeerChange(key(0), remove=True),
            PeerChange(key(1), allowed_ips=(ours,), replace_allowed_ips=False),
            PeerChange(key(2), allowed_ips=(theirs,), preshared_key=SecretBytes(PRESHARED_KEY)),
            PeerChange(key(3), keepalive_s=5, only_if_present=True),
        )
    )
    seen = vm.call(seen_after, NAME, first, second)
    assert seen.door == seen.judge
    assert {peer.public_key: set(peer.allowed_ips) for peer in seen.door.peers} == {
        key(1): {ip_network("10.0.0.1/32"), ours},
        key(2): {theirs},
    }
    assert {peer.keepalive_s for peer in seen.door.peers} == {9}
    assert (seen.door.listen_port, seen.private_key) == (51820, base64.b64encode(PRIVATE_KEY).decode())
    without = PeerChange(key(2), preshared_key=SecretBytes(bytes(32)))
    seen = vm.call(seen_after, NAME, DeviceChange(SecretBytes(bytes(32)), peers=(without,), replace_peers=True))
    assert (seen.private_key, seen.preshared_keys) == ("", {key(2): "(none)"})
    assert seen.door.public_key == bytes(32)


def test_addresses_move_to_the_peer_that_claims_them_last(vm: Vm) -> None:
    intranet = ip_network("10.88.0.0/16")
    both = DeviceChange(peers=(PeerChange(key(1), allowed_ips=(intranet,)), PeerChange(key(2), allowed_ips=())))
    moved = DeviceChange(peers=(PeerChange(key(2), allowed_ips=(intranet,)),))
    before, after = (vm.call(seen_after, NAME, change).door for change in (both, moved))
    assert [peer.public_key for peer in before.peers if peer.allowed_ips] == [key(1)]
    assert [peer.public_key for peer in after.peers if peer.allowed_ips] == [key(2)]


def test_a_thousand_peers_and_a_peer_larger_than_a_message_arrive_whole(vm: Vm) -> None:
    many = tuple(
        PeerChange(
            key(n), allowed_ips=(ip_network((0x0A000000 + n, 32)), ip_network((0x0B000000 + n, 32))), keepalive_s=25
        )
        for n in range(1000)
    )
    large = PeerChange(key(-1), allowed_ips=tuple(ip_network((0xFD << 120 | n << 64, 64)) for n in range(2500)))
    seen = vm.call(seen_after, NAME, DeviceChange(SecretBytes(PRIVATE_KEY), peers=(*many, large), replace_peers=True))
    assert seen.door == seen.judge
    assert {peer.public_key: frozenset(peer.allowed_ips) for peer in seen.door.peers} == {
        peer.public_key: frozenset(peer.allowed_ips or ()) for peer in (*many, large)
    }


def pair(preshared_keys: tuple[bytes, bytes]) -> tuple[DeviceChange, DeviceChange]:
    """Two devices on this machine's own addresses."""
    private_keys = (hashlib.sha256(b"one").digest(), hashlib.sha256(b"other").digest())

    def end(number: int) -> DeviceChange:
        other = 1 - number
        peer = PeerChange(
            derived_public_key(private_keys[other]),
            preshared_key=SecretBytes(preshared_keys[number]),
            endpoint=Endpoint(IPv4Address("127.0.0.1"), 51830 + other),
            allowed_ips=(ip_network(f"10.9.{other}.0/24"),),
        )
        return DeviceChange(SecretBytes(private_keys[number]), 51830 + number, peers=(peer,))

    return end(0), end(1)


@pytest.fixture
def both_gone(place: VmWorkstation) -> Iterator[None]:
    yield
    for name in ("wgone", "wgother"):
        place.vm.run(["ip", "link", "delete", name])


@pytest.mark.usefixtures("both_gone")
def test_turning_the_keepalive_on_begins_a_handshake(vm: Vm) -> None:
    one, other = vm.call(handshake_by_keepalive, *pair((PRESHARED_KEY, PRESHARED_KEY)))
    assert one.last_handshake_s > 0
    assert other.received_bytes > 0


@pytest.mark.usefixtures("both_gone")
def test_another_preshared_key_means_no_handshake(vm: Vm) -> None:
    with pytest.raises(NeverCame, match="a handshake"):
        vm.call(handshake_by_keepalive, *pair((PRESHARED_KEY, hashlib.sha256(b"wrong").digest())), 4.0)

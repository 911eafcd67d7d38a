"""The user-space door with real devices in two hosts: handshakes, statistics, moves, removals."""

from __future__ import annotations

import base64
import os
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink import links
from flexnetd.wireguard.device import DeviceChange, PeerChange
from tests.bed.await_ import until
from tests.integration.wireguard.two_hosts import INSIDE, NAME, Side, outside, two_hosts, with_peer

pytestmark = pytest.mark.world

ONE, TWO = (ip_network(INSIDE[name]) for name in ("one", "two"))
STRANGER = b"s" * 32


@pytest.fixture
def sides() -> Iterator[tuple[Side, Side]]:
    with two_hosts() as made:
        yield made


def shake_hands(one: Side, two: Side, key_one: bytes, key_two: bytes) -> None:
    """Traffic from one to the other, which both have as peers."""
    one.change(with_peer(PeerChange(key_two, endpoint=outside("two"), allowed_ips=(TWO,))))
    two.change(with_peer(PeerChange(key_one, allowed_ips=(ONE,))))
    assert one.pings(INSIDE["two"])


def test_a_created_link_is_down_and_has_no_key(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    index = one.create()
    link = one.netlink(links.link_of_index, index)
    assert link is not None
    assert (link.name, link.up) == (NAME, False)
    assert one.read().public_key == bytes(32)


def test_a_name_that_is_taken_is_told(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    with pytest.raises(Fault) as caught:
        one.create()
    assert caught.value == Fault(Code.INTERFACE_TAKEN, name=NAME)


def test_the_public_key_is_read_back_and_the_private_one_is_not(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    private_key = os.urandom(32)
    one.change(DeviceChange(private_key=SecretBytes(private_key)))
    told = base64.b64encode(private_key).decode()
    derived = subprocess.run(["wg", "pubkey"], input=told, capture_output=True, text=True, check=True).stdout
    device = one.read()
    assert base64.b64encode(device.public_key).decode() == derived.strip()
    assert private_key.hex() not in repr(device)


def test_two_devices_shake_hands_and_count(sides: tuple[Side, Side]) -> None:
    one, two = sides
    key_one, key_two = one.begin(), two.begin()
    shake_hands(one, two, key_one, key_two)
    (peer,) = one.read().peers
    assert peer.public_key == key_two
    assert peer.endpoint == outside("two")
    assert peer.allowed_ips == (TWO,)
    assert abs(peer.last_handshake_s - time.time()) < 10
    assert peer.received_bytes > 0
    assert peer.sent_bytes > 0
    (far,) = two.read().peers
    assert far.endpoint == outside("one")  # learnt from the handshake


def test_allowed_ips_move_to_another_peer_in_one_change(sides: tuple[Side, Side]) -> None:
    one, two = sides
    key_one, key_two = one.begin(), two.begin()
    one.change(with_peer(PeerChange(STRANGER, endpoint=outside("two"), allowed_ips=(TWO, ip_network("fd00::/64")))))
    two.change(with_peer(PeerChange(key_one, allowed_ips=(ONE,))))
    assert not one.pings(INSIDE["two"])
    one.change(with_peer(PeerChange(key_two, endpoint=outside("two"), allowed_ips=(TWO,))))
    assert one.pings(INSIDE["two"])
    device = one.read()
    assert {peer.public_key: peer.allowed_ips for peer in device.peers} == {
        STRANGER: (ip_network("fd00::/64"),),
        key_two: (TWO,),
    }


def test_turning_the_keepalive_on_begins_a_handshake(sides: tuple[Side, Side]) -> None:
    one, two = sides
    key_one, key_two = one.begin(), two.begin()
    two.change(with_peer(PeerChange(key_one, allowed_ips=(ONE,))))
    one.change(with_peer(PeerChange(key_two, endpoint=outside("two"), allowed_ips=(TWO,))))
    assert one.read().peers[0].last_handshake_s == 0
    one.change(with_peer(PeerChange(key_two, keepalive_s=25, only_if_present=True)))
    until(lambda: one.read().peers[0].last_handshake_s, what="a handshake without traffic")
    assert one.read().peers[0].allowed_ips == (TWO,)  # a change of the keepalive leaves the rest


def test_a_preshared_key_must_be_the_same_on_both_sides(sides: tuple[Side, Side]) -> None:
    one, two = sides
    key_one, key_two = one.begin(), two.begin()
    psk = SecretBytes(os.urandom(32))
    one.change(with_peer(PeerChange(key_two, preshared_key=psk, endpoint=outside("two"), allowed_ips=(TWO,))))
    two.change(with_peer(PeerChange(key_one, preshared_key=SecretBytes(os.urandom(32)), allowed_ips=(ONE,))))
    assert not one.pings(INSIDE["two"])
    two.change(with_peer(PeerChange(key_one, preshared_key=psk)))
    until(lambda: one.pings(INSIDE["two"]), timeout_s=15, what="a handshake with the right preshared key")


def test_a_peer_is_removed_and_no_other(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    one.change(with_peer(PeerChange(b"a" * 32, allowed_ips=(ONE,)), PeerChange(b"b" * 32, allowed_ips=(TWO,))))
    one.change(with_peer(PeerChange(b"a" * 32, remove=True), PeerChange(STRANGER, remove=True)))
    assert [peer.public_key for peer in one.read().peers] == [b"b" * 32]


def test_replacing_the_peers_leaves_the_named_ones(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    one.change(with_peer(PeerChange(b"a" * 32), PeerChange(b"b" * 32)))
    one.change(DeviceChange(peers=(PeerChange(b"c" * 32),), replace_peers=True))
    assert [peer.public_key for peer in one.read().peers] == [b"c" * 32]


def test_an_update_makes_no_peer(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    one.change(with_peer(PeerChange(STRANGER, keepalive_s=5, only_if_present=True)))
    assert one.read().peers == ()


def test_allowed_ips_are_added_or_replaced_as_said(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    one.change(with_peer(PeerChange(STRANGER, allowed_ips=(ONE,))))
    one.change(with_peer(PeerChange(STRANGER, allowed_ips=(TWO,), replace_allowed_ips=False)))
    assert set(one.read().peers[0].allowed_ips) == {ONE, TWO}
    one.change(with_peer(PeerChange(STRANGER, allowed_ips=(TWO,))))
    assert one.read().peers[0].allowed_ips == (TWO,)
    one.change(with_peer(PeerChange(STRANGER, allowed_ips=())))
    assert one.read().peers[0].allowed_ips == ()


def test_a_mark_and_a_port_are_told(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    one.create()
    one.change(DeviceChange(listen_port=4500, fwmark=0xCA))
    device = one.read()
    assert (device.listen_port, device.fwmark) == (4500, 0xCA)


def test_a_deleted_link_is_no_device_any_more(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    index = one.create()
    one.netlink(links.delete_link, index)
    assert one.host.within(one.door.read, NAME) is None
    with pytest.raises(Fault) as caught:
        one.change(DeviceChange(listen_port=1))
    assert caught.value.code is Code.KERNEL_REFUSED


def test_a_link_that_is_not_wireguard_is_no_device(sides: tuple[Side, Side]) -> None:
    one, _ = sides
    assert one.host.within(one.door.read, "eth0") is None

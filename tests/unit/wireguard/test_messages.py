"""What is sent to the kernel, byte by byte: against bytes packed by hand, and against pyroute2's own message class."""

from __future__ import annotations

import base64
import importlib
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.netlink import codec
from flexnetd.wireguard import messages
from flexnetd.wireguard.device import DeviceChange, PeerChange
from tests.unit.wireguard import wire_bytes as by_hand

PRIVATE = bytes(range(100, 132))
PUBLIC = bytes(range(32))
OTHER = bytes(range(32, 64))
PSK = b"p" * 32
NAME = by_hand.attribute(2, b"flexnet0\0")


def sent(change: DeviceChange) -> bytes:
    return bytes(messages.set_payload("flexnet0", change))


def test_a_read_asks_for_the_device_by_name() -> None:
    assert bytes(messages.get_payload("flexnet0")) == by_hand.generic(0, NAME)


def test_the_family_is_asked_for_by_name() -> None:
    assert bytes(messages.family_payload()) == by_hand.generic(3, by_hand.attribute(2, b"wireguard\0"))


def test_a_change_of_nothing_names_the_device_only() -> None:
    assert sent(DeviceChange()) == by_hand.generic(1, NAME)


def test_every_setting_of_a_device_stands_in_its_attribute() -> None:
    change = DeviceChange(SecretBytes(PRIVATE), listen_port=51820, fwmark=0x1234, replace_peers=True)
    assert sent(change) == by_hand.generic(
        1,
        NAME,
        by_hand.attribute(3, PRIVATE),
        by_hand.u32(5, 1),
        by_hand.u16(6, 51820),
        by_hand.u32(7, 0x1234),
    )


def test_every_setting_of_a_peer_stands_in_its_attribute() -> None:
    peer = PeerChange(
        PUBLIC,
        preshared_key=SecretBytes(PSK),
        endpoint=Endpoint(ip_address("192.0.2.1"), 51820),
        allowed_ips=(ip_network("10.81.0.0/16"), ip_network("fd00:81::/48")),
        keepalive_s=25,
    )
    assert sent(DeviceChange(peers=(peer,))) == by_hand.generic(
        1,
        NAME,
        by_hand.nest(
            8,
            by_hand.nest(
                1,
                by_hand.attribute(1, PUBLIC),
                by_hand.attribute(2, PSK),
                by_hand.u32(3, 2),
                by_hand.endpoint("192.0.2.1", 51820),
                by_hand.u16(5, 25),
                by_hand.nest(9, by_hand.allowed_ip(1, "10.81.0.0/16"), by_hand.allowed_ip(2, "fd00:81::/48")),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (PeerChange(PUBLIC), b""),
        (PeerChange(PUBLIC, keepalive_s=0), by_hand.u16(5, 0)),
        (PeerChange(PUBLIC, remove=True), by_hand.u32(3, 1)),
        (PeerChange(PUBLIC, allowed_ips=()), by_hand.u32(3, 2)),
        (PeerChange(PUBLIC, replace_allowed_ips=False), b""),
        (PeerChange(PUBLIC, only_if_present=True), by_hand.u32(3, 4)),
        (PeerChange(PUBLIC, only_if_present=True, allowed_ips=()), by_hand.u32(3, 6)),
        (
            PeerChange(PUBLIC, allowed_ips=(ip_network("10.0.0.1/32"),), replace_allowed_ips=False),
            by_hand.nest(9, by_hand.allowed_ip(1, "10.0.0.1/32")),
        ),
        (
            PeerChange(PUBLIC, endpoint=Endpoint(ip_address("2001:db8::1"), 1)),
            by_hand.endpoint("2001:db8::1", 1),
        ),
    ],
    ids=[
        "nothing",
        "keepalive off",
        "remove",
        "no way",
        "leave",
        "update",
        "update ways",
        "add a way",
        "IPv6 endpoint",
    ],
)
def test_a_peer_carries_exactly_what_is_to_change(peer: PeerChange, expected: bytes) -> None:
    encoded = by_hand.nest(8, by_hand.nest(1, by_hand.attribute(1, PUBLIC), expected))
    assert sent(DeviceChange(peers=(peer,))) == by_hand.generic(1, NAME, encoded)


def test_each_peer_gets_its_own_preshared_key() -> None:
    peers = tuple(PeerChange(bytes([n]) * 32, preshared_key=SecretBytes(bytes([100 + n]) * 32)) for n in range(5))
    encoded = (
        by_hand.nest(n + 1, by_hand.attribute(1, bytes([n]) * 32), by_hand.attribute(2, bytes([100 + n]) * 32))
        for n in range(5)
    )
    assert sent(DeviceChange(peers=peers)) == by_hand.generic(1, NAME, by_hand.nest(8, *encoded))


def test_pyroute2s_own_class_makes_the_same_bytes() -> None:
    theirs = pyroute2s_bytes()
    peers = (
        PeerChange(
            PUBLIC,
            preshared_key=SecretBytes(PSK),
            endpoint=Endpoint(ip_address("192.0.2.1"), 51820),
            allowed_ips=(ip_network("10.0.0.0/8"),),
            keepalive_s=25,
        ),
        PeerChange(OTHER, remove=True),
    )
    assert sent(DeviceChange(SecretBytes(PRIVATE), 51820, 7, peers, replace_peers=True)) == theirs


def pyroute2s_bytes() -> bytes:
    importlib.import_module("pyroute2")  # the whole, which its own WireGuard class needs
    own: Any = importlib.import_module("pyroute2.netlink.generic.wireguard").wgmsg
    found = [
        ("WGDEVICE_A_IFNAME", "flexnet0"),
        ("WGDEVICE_A_PRIVATE_KEY", base64.b64encode(PRIVATE).decode()),
        ("WGDEVICE_A_FLAGS", 1),
        ("WGDEVICE_A_LISTEN_PORT", 51820),
        ("WGDEVICE_A_FWMARK", 7),
        ("WGDEVICE_A_PEERS", [{"attrs": _pyroute2s_peer()}, {"attrs": _pyroute2s_removal()}]),
    ]
    return bytes(codec.payload_of(codec.message(own, found, cmd=1, version=1)))


def _pyroute2s_peer() -> list[list[Any]]:
    way = [["WGALLOWEDIP_A_FAMILY", 2], ["WGALLOWEDIP_A_IPADDR", bytes([10, 0, 0, 0])], ["WGALLOWEDIP_A_CIDR_MASK", 8]]
    return [
        ["WGPEER_A_PUBLIC_KEY", base64.b64encode(PUBLIC).decode()],
        ["WGPEER_A_PRESHARED_KEY", base64.b64encode(PSK).decode()],
        ["WGPEER_A_FLAGS", 2],
        ["WGPEER_A_ENDPOINT", {"addr": "192.0.2.1", "port": 51820}],
        ["WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL", 25],
        ["WGPEER_A_ALLOWEDIPS", [{"attrs": way}]],
    ]


def _pyroute2s_removal() -> list[list[Any]]:
    return [["WGPEER_A_PUBLIC_KEY", base64.b64encode(OTHER).decode()], ["WGPEER_A_FLAGS", 1]]

"""A device's dump, read from bytes packed by hand."""

from __future__ import annotations

import struct
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.network import Endpoint
from flexnetd.wireguard.attributes import Dump, attributes, device_from_dumps, dump_from_body
from flexnetd.wireguard.device import DeviceState, PeerState, key_digest
from tests.unit.wireguard import wire_bytes as by_hand

PRIVATE = b"S" * 32
PSK = b"p" * 32
PUBLIC = bytes(range(32))
ALICE = b"a" * 32
BOB = b"b" * 32
NAME = by_hand.attribute(2, b"flexnet0\0")
HEAD = b"".join(
    (
        by_hand.u16(6, 51820),
        by_hand.u32(7, 0x51),
        by_hand.u32(1, 7),
        NAME,
        by_hand.attribute(3, PRIVATE),
        by_hand.attribute(4, PUBLIC),
    )
)


def peer(key: bytes, *more: bytes) -> bytes:
    return by_hand.nest(0, by_hand.attribute(1, key), *more)


def read(*bodies: bytes) -> DeviceState:
    return device_from_dumps([dump_from_body(memoryview(body)) for body in bodies])


def test_a_device_without_peers() -> None:
    assert read(HEAD) == DeviceState(7, "flexnet0", PUBLIC, 51820, 0x51)


def test_a_device_without_a_key_has_a_public_key_of_zeros() -> None:
    assert read(by_hand.u32(1, 7) + NAME) == DeviceState(7, "flexnet0", bytes(32), 0, 0)


def test_everything_that_is_told_of_a_peer() -> None:
    told = peer(
        ALICE,
        by_hand.attribute(2, PSK),
        by_hand.handshake(1_700_000_000, 5),
        by_hand.u16(5, 25),
        by_hand.u64(8, 1 << 40),
        by_hand.u64(7, 3),
        by_hand.u32(10, 1),
        by_hand.endpoint("192.0.2.1", 51820),
        by_hand.nest(9, by_hand.allowed_ip(0, "10.0.0.0/8"), by_hand.allowed_ip(0, "fd00::/8")),
    )
    assert read(HEAD + by_hand.nest(8, told)).peers == (
        PeerState(
            public_key=ALICE,
            endpoint=Endpoint(ip_address("192.0.2.1"), 51820),
            allowed_ips=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
            last_handshake_s=1_700_000_000,
            received_bytes=3,
            sent_bytes=1 << 40,
            keepalive_s=25,
            preshared_key_digest=key_digest(memoryview(PSK)),
        ),
    )


def test_an_ipv6_endpoint() -> None:
    device = read(HEAD + by_hand.nest(8, peer(ALICE, by_hand.endpoint("2001:db8::1", 9))))
    assert device.peers[0].endpoint == Endpoint(ip_address("2001:db8::1"), 9)


def test_an_endpoint_of_an_unknown_family_is_none() -> None:
    odd = by_hand.attribute(4, struct.pack("=H", 1) + bytes(26))
    assert read(HEAD + by_hand.nest(8, peer(ALICE, odd))).peers[0].endpoint is None


def test_messages_are_merged_by_public_key() -> None:
    first = HEAD + by_hand.nest(
        8, peer(ALICE, by_hand.u16(5, 1), by_hand.nest(9, by_hand.allowed_ip(0, "10.0.0.1/32")))
    )
    second = by_hand.nest(
        8,
        peer(ALICE, by_hand.nest(9, by_hand.allowed_ip(0, "10.0.0.2/32"))),
        peer(BOB, by_hand.nest(9, by_hand.allowed_ip(0, "10.0.0.3/32"))),
    )
    third = by_hand.nest(8, peer(BOB, by_hand.nest(9, by_hand.allowed_ip(0, "10.0.0.4/32"))))
    device = read(first, second, third)
    assert [(p.public_key, [str(ip) for ip in p.allowed_ips], p.keepalive_s) for p in device.peers] == [
        (ALICE, ["10.0.0.1/32", "10.0.0.2/32"], 1),
        (BOB, ["10.0.0.3/32", "10.0.0.4/32"], 0),
    ]


def test_a_dump_that_names_no_device_is_refused() -> None:
    with pytest.raises(ValueError, match="without a device"):
        read(by_hand.nest(8, peer(ALICE)))


def test_no_key_that_is_secret_stands_in_what_is_read() -> None:
    dump = dump_from_body(memoryview(HEAD + by_hand.nest(8, peer(ALICE, by_hand.attribute(2, PSK)))))
    told = repr((dump, device_from_dumps([dump])))
    assert PRIVATE.decode() not in told
    assert PSK.decode() not in told


@pytest.mark.parametrize(
    "body",
    [
        HEAD[:-1],
        HEAD + b"\1\0",
        HEAD + struct.pack("=HH", 3, 1),
        by_hand.attribute(1, b"\1\2"),
        by_hand.attribute(6, b"\1\2\3\4"),
        by_hand.nest(8, by_hand.nest(0, by_hand.u16(5, 1))),
        by_hand.nest(8, peer(ALICE[:31])),
        by_hand.nest(8, peer(ALICE, by_hand.attribute(5, b"\1"))),
        by_hand.nest(8, peer(ALICE, by_hand.attribute(6, bytes(8)))),
        by_hand.nest(8, peer(ALICE, by_hand.attribute(4, b"\2"))),
        by_hand.nest(8, peer(ALICE, by_hand.nest(9, by_hand.nest(0, by_hand.attribute(2, b"\1\2\3"))))),
        by_hand.nest(8, peer(ALICE, by_hand.nest(9, by_hand.nest(0, by_hand.attribute(3, b""))))),
        by_hand.attribute(2, b"\xff\0"),
    ],
)
def test_what_has_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dump_from_body(memoryview(body))


@given(st.binary(max_size=200))
def test_no_bytes_bring_anything_but_a_dump_or_a_value_error(body: bytes) -> None:
    try:
        dump = dump_from_body(memoryview(body))
    except ValueError:
        return
    assert isinstance(dump, Dump)


@given(st.integers(0, len(HEAD)), st.binary(max_size=8))
def test_no_damage_of_a_good_dump_brings_anything_else(at: int, put: bytes) -> None:
    try:
        dump_from_body(memoryview(HEAD[:at] + put + HEAD[at:]))
    except ValueError:
        return


def test_the_upper_bits_of_a_type_do_not_count() -> None:
    assert [(kind, bytes(value)) for kind, value in attributes(memoryview(by_hand.nest(9, b"abcd")))] == [(9, b"abcd")]

"""Which routes meet a prefix, told from their bytes as the kernel packs them."""

from __future__ import annotations

import socket
import struct
from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.network import Prefix, covers
from flexnetd.netlink.route_filter import meeting
from flexnetd.netlink.socket import Frame

PREFIXES = (ip_network("10.88.0.0/16"), ip_network("fd00:88::/48"))


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def frame(prefix: Prefix, *before: bytes) -> Frame:
    family = socket.AF_INET if prefix.version == 4 else socket.AF_INET6
    destination = attribute(1, prefix.network_address.packed) if prefix.prefixlen else b""
    body = struct.pack("=8BI", family, prefix.prefixlen, 0, 0, 254, 3, 0, 1, 0) + b"".join(before) + destination
    return Frame(24, 0, memoryview(struct.pack("=IHHII", 16 + len(body), 24, 0, 0, 0) + body))


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("10.88.0.0/16", True),
        ("10.88.7.7/32", True),
        ("10.0.0.0/8", True),
        ("0.0.0.0/1", True),
        ("0.0.0.0/0", True),
        ("10.89.0.0/16", False),
        ("11.0.0.0/8", False),
        ("fd00:88::/64", True),
        ("::/0", True),
        ("fd00:89::/48", False),
    ],
)
def test_meets(text: str, meets: bool) -> None:
    assert meeting(PREFIXES)(frame(ip_network(text))) is meets


def test_other_attributes_may_come_first() -> None:
    table = attribute(15, struct.pack("=I", 254))
    assert meeting(PREFIXES)(frame(ip_network("10.88.7.0/24"), table))
    assert not meeting(PREFIXES)(frame(ip_network("10.99.7.0/24"), table))


def test_nothing_of_a_family_without_prefixes_meets() -> None:
    only_four = meeting(PREFIXES[:1])
    assert not only_four(frame(ip_network("::/0")))
    assert not only_four(frame(ip_network("fd00:88::/64")))


@pytest.mark.parametrize("broken", [struct.pack("=HH", 0, 9), b"", struct.pack("=HH", 4, 9)])
def test_what_cannot_be_read_is_let_through(broken: bytes) -> None:
    data = bytes(frame(ip_network("10.99.0.0/16")).data[:28]) + broken
    assert meeting(PREFIXES)(Frame(24, 0, memoryview(data)))


fours = st.builds(lambda n, length: IPv4Network((n >> (32 - length) << (32 - length), length)), st.integers(0, 2**32 - 1), st.integers(0, 32))  # fmt: skip # noqa: E501
sixes = st.builds(lambda n, length: IPv6Network((n >> (128 - length) << (128 - length), length)), st.integers(0, 2**128 - 1), st.integers(0, 128))  # fmt: skip # noqa: E501


@given(fours | sixes, fours | sixes)
def test_it_says_what_the_prefixes_say(theirs: Prefix, ours: Prefix) -> None:
    assert meeting((ours,))(frame(theirs)) is (covers(theirs, ours) or covers(ours, theirs))

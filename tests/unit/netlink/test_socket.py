"""The netlink socket: framing by hand-packed bytes, refusals by the real kernel."""

from __future__ import annotations

import errno
import socket
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.netlink.socket import NETLINK_GENERIC, NETLINK_ROUTE, Frame, NetlinkSocket, errno_of, frames_of

GET_LINK = 18
NEW_LINK = 16
LOOPBACK = struct.pack("=BBHiII", 0, 0, 0, 1, 0, 0)


def framed(kind: int, body: bytes, sequence: int = 1, flags: int = 0) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, sequence, 0) + body + bytes(-len(body) % 4)


def kind_of(frame: Frame) -> int:
    return frame.kind


def test_a_datagram_holds_several_messages() -> None:
    data = framed(16, b"abc", flags=2) + framed(17, b"")
    assert [(f.kind, f.flags, bytes(f.body)) for f in frames_of(memoryview(data))] == [(16, 2, b"abc"), (17, 0, b"")]


def test_answers_to_another_request_are_left_out() -> None:
    data = framed(16, b"old", sequence=1) + framed(16, b"new", sequence=2)
    assert [bytes(frame.body) for frame in frames_of(memoryview(data), 2)] == [b"new"]


@pytest.mark.parametrize("length", [0, 15, 17, 0xFFFFFFFF])
def test_a_length_that_leads_outside_is_refused(length: int) -> None:
    with pytest.raises(Fault) as caught:
        list(frames_of(memoryview(struct.pack("=IHHII", length, 16, 0, 1, 0))))
    assert errno_of(caught.value) == errno.EBADMSG


@given(st.binary(max_size=100))
def test_no_bytes_bring_anything_but_frames_or_a_fault(data: bytes) -> None:
    try:
        frames = list(frames_of(memoryview(data)))
    except Fault:
        return
    assert sum(len(frame.data) for frame in frames) <= len(data)


def test_one_link_is_asked_for() -> None:
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        assert netlink.ask("find loopback", GET_LINK, LOOPBACK, kind_of) == NEW_LINK


def test_a_dump_tells_of_every_link() -> None:
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        names = netlink.dump("list links", GET_LINK, bytes(16), lambda frame: b"lo\0" in bytes(frame.data))
    assert sum(names) == 1


def test_a_refusal_carries_what_and_why() -> None:
    nowhere = struct.pack("=BBHiII", 0, 0, 0, 0x7FFFFFFF, 0, 0)
    with NetlinkSocket(NETLINK_ROUTE) as netlink, pytest.raises(Fault) as caught:
        netlink.ask("find link 2147483647", GET_LINK, nowhere, kind_of)
    assert caught.value == Fault(Code.KERNEL_REFUSED, what="find link 2147483647", errno=errno.ENODEV)
    assert errno_of(caught.value) == errno.ENODEV


def test_after_a_refusal_the_socket_goes_on() -> None:
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        for _ in range(3):
            with pytest.raises(Fault):
                netlink.request("nonsense", 0xFFF, b"")
            assert netlink.ask("find loopback", GET_LINK, LOOPBACK, kind_of) == NEW_LINK


def test_a_reader_that_fails_leaves_the_socket_usable() -> None:
    def fail(_: Frame) -> None:
        raise RuntimeError("a reader's mistake")

    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        with pytest.raises(RuntimeError):
            netlink.dump("list links", GET_LINK, bytes(16), fail)
        assert netlink.ask("find loopback", GET_LINK, LOOPBACK, kind_of) == NEW_LINK


def test_what_another_process_sends_is_not_the_kernels_word() -> None:
    """Any process may send to a netlink address of a family that allows it; the kernel's own address is 0."""
    with NetlinkSocket(NETLINK_GENERIC) as netlink:
        address = netlink._socket.getsockname()
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as stranger:
            stranger.sendto(framed(99, b"lie", sequence=1), address)
        family = struct.pack("=BBH", 3, 1, 0) + struct.pack("=HH", 11, 2) + b"nlctrl\0\0"
        assert netlink.ask("find nlctrl", 16, family, kind_of) == 16


def test_what_was_received_does_not_stay_in_memory() -> None:
    with NetlinkSocket(NETLINK_ROUTE) as netlink:
        netlink.dump("list links", GET_LINK, bytes(16), kind_of)
        assert not any(netlink._buffer)


def test_a_closed_socket_keeps_no_descriptor() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with NetlinkSocket(NETLINK_ROUTE) as netlink:
            netlink.dump("list links", GET_LINK, bytes(16), kind_of)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_another_fault_has_no_errno() -> None:
    assert errno_of(Fault(Code.WIREGUARD_MISSING)) == 0

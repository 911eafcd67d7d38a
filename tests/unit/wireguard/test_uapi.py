"""The user-space door against scripted far ends: what goes wrong has a name."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wireguard.device import DeviceChange
from flexnetd.wireguard.uapi import LONGEST_ANSWER, UserSpaceWireGuard


@contextmanager
def answering(path: Path, answer: bytes) -> Iterator[list[bytes]]:
    """A UNIX socket at which one caller is heard, answered and hung up on."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            far, _ = listener.accept()
            with far:
                heard.append(far.recv(65536))
                far.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield heard
        thread.join(5)


def door(folder: Path) -> UserSpaceWireGuard:
    return UserSpaceWireGuard(folder / "spawner", folder)


def refused_with(number: int) -> Fault:
    return Fault(Code.KERNEL_REFUSED, what="change device lo", errno=number)


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (b"errno=-22\n\n", errno.EINVAL),
        (b"errno=98\n\n", errno.EADDRINUSE),
        (b"errno=many\n\n", errno.EBADMSG),
        (b"errno=-0\n\n", errno.EIO),
        (b"\n\n", errno.EBADMSG),
        (b"", errno.EBADMSG),
    ],
)
def test_a_refused_change_tells_the_number(tmp_path: Path, answer: bytes, number: int) -> None:
    with answering(tmp_path / "lo.sock", answer) as heard, pytest.raises(Fault) as caught:
        door(tmp_path).change("lo", DeviceChange(listen_port=5))
    assert caught.value == refused_with(number)
    assert heard == [b"set=1\nlisten_port=5\n\n"]


def test_a_device_that_nobody_serves_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        door(tmp_path).change("lo", DeviceChange())
    assert caught.value == refused_with(errno.ENOENT)


def test_a_device_that_nobody_serves_is_none(tmp_path: Path) -> None:
    assert door(tmp_path).read("lo") is None


def test_a_device_that_is_told_by_half_is_refused(tmp_path: Path) -> None:
    with answering(tmp_path / "lo.sock", b"listen_port=5\n"), pytest.raises(Fault) as caught:
        door(tmp_path).read("lo")
    assert caught.value == Fault(Code.KERNEL_REFUSED, what="read device lo", errno=errno.EBADMSG)


def test_an_endless_answer_is_cut_off(tmp_path: Path) -> None:
    with answering(tmp_path / "lo.sock", b"x" * (LONGEST_ANSWER + 1)), pytest.raises(Fault) as caught:
        door(tmp_path).read("lo")
    assert caught.value == Fault(Code.KERNEL_REFUSED, what="read device lo", errno=errno.EMSGSIZE)


def test_without_the_spawner_there_is_no_wireguard(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        door(tmp_path).create("flexnet9")
    assert caught.value == Fault(Code.WIREGUARD_MISSING)


def test_what_the_spawner_says_is_told(tmp_path: Path) -> None:
    with answering(tmp_path / "spawner", b"error no TUN here\n") as heard, pytest.raises(Fault) as caught:
        door(tmp_path).create("flexnet9")
    assert caught.value.facts["what"] == "create link flexnet9: error no TUN here"
    assert heard == [b"create flexnet9\n"]


@pytest.mark.parametrize("name", ["", "a" * 16, "../x", ".", "..", "a b", "a\nset=1", "ä", "a/b"])
def test_a_name_that_is_none_reaches_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no interface name"):
        door(tmp_path).read(name)

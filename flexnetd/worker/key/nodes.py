"""Where the YubiKeys' hidraw nodes are, and how one is opened.

Finding goes by /sys, which anyone may read: so "no key" and "a key that we may not open" are told apart. A YubiKey has
a hidraw node for each HID interface; the OTP application answers on the one whose report descriptor begins as a
keyboard's, the FIDO application on the one that begins with FIDO's usage page. A key whose OTP is switched off, or a
Security Key, has only the latter.

An open node is locked (flock), so that two workers never talk into each other's questions. Other programs do not look
at that lock; what they do to a wait is told by what the key shows (answer.py).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

YUBICO_VENDOR = 0x1050
_KEYBOARD = bytes.fromhex("05010906")  # usage page: generic desktop; usage: keyboard
_FIDO = bytes.fromhex("06d0f1")  # usage page: FIDO alliance
_REPORT_BYTES = 8
_PACKET_BYTES = 64
_LOCK_WAIT_S = 1.0
_LOCK_POLL_S = 0.02

# linux/hidraw.h: _IOC(_IOC_WRITE|_IOC_READ, 'H', 6 and 7, 9): a report number, which is 0, and the 8 bytes.
_HIDIOCSFEATURE = 0xC0094806
_HIDIOCGFEATURE = 0xC0094807


@dataclass(frozen=True, slots=True)
class Node:
    """`plugging` names the plugging: pulled and plugged again, a key has another, though perhaps the same path."""

    path: str
    otp: bool
    plugging: str
    fido: bool = False


class Packets(Protocol):
    """An open FIDO node. `fileno` can be polled; all others raise OSError."""

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """A packet of 64 bytes. Raises BlockingIOError when there is none."""

    def write(self, packet: bytes) -> None: ...

    def close(self) -> None: ...


class FeatureReports(Protocol):
    """An open node. All raise OSError."""

    def read(self) -> bytes:
        """8 bytes; fewer from a key that is being pulled."""

    def write(self, report: bytes) -> None:
        """`report` has 8 bytes."""

    def close(self) -> None: ...


class Nodes(Protocol):
    """A place where keys are found."""

    def find(self) -> tuple[Node, ...]:
        """The nodes of all YubiKeys, in a stable order."""

    def present(self, node: Node) -> bool:
        """Whether that plugging lasts."""

    def open(self, node: Node) -> FeatureReports:
        """Raises OSError; EBUSY when another worker holds the key for longer than a moment."""

    def open_packets(self, node: Node) -> Packets:
        """Like `open`, for a FIDO node."""


class _Hidraw:
    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            _lock(self._fd)
        except OSError:
            os.close(self._fd)
            raise

    def close(self) -> None:
        os.close(self._fd)


class HidrawPackets(_Hidraw):
    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes:
        return os.read(self._fd, _PACKET_BYTES)

    def write(self, packet: bytes) -> None:
        """The number of the report, which is 0, stands before it."""
        os.write(self._fd, b"\0" + packet)


class HidrawReports(_Hidraw):
    def read(self) -> bytes:
        buffer = bytearray(1 + _REPORT_BYTES)
        count = fcntl.ioctl(self._fd, _HIDIOCGFEATURE, buffer, True)
        return bytes(buffer[1:count])

    def write(self, report: bytes) -> None:
        fcntl.ioctl(self._fd, _HIDIOCSFEATURE, bytearray(b"\0" + report), True)


class HidrawNodes:
    """The machine's own."""

    def find(self) -> tuple[Node, ...]:
        folder = Path("/sys/class/hidraw")
        if not folder.is_dir():
            return ()
        found = (_node_from_entry(entry) for entry in sorted(folder.iterdir(), key=lambda entry: entry.name))
        return tuple(node for node in found if node)

    def present(self, node: Node) -> bool:
        return node in self.find()

    def open(self, node: Node) -> HidrawReports:
        return HidrawReports(node.path)

    def open_packets(self, node: Node) -> HidrawPackets:
        return HidrawPackets(node.path)


def _node_from_entry(entry: Path) -> Node | None:
    """The node behind /sys/class/hidraw/hidrawN if it is a YubiKey's; a node that vanishes meanwhile is none."""
    try:
        if _vendor(entry / "device" / "uevent") != YUBICO_VENDOR:
            return None
        descriptor = (entry / "device" / "report_descriptor").read_bytes()
        otp, fido = descriptor.startswith(_KEYBOARD), descriptor.startswith(_FIDO)
        return Node(f"/dev/{entry.name}", otp, os.path.realpath(entry), fido)
    except OSError:
        return None


def _vendor(uevent: Path) -> int | None:
    """From the line HID_ID=0003:00001050:00000407: bus, vendor, product."""
    for line in uevent.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition("=")
        if name == "HID_ID" and value.count(":") == 2:
            return int(value.split(":")[1], 16)
    return None


def _lock(fd: int) -> None:
    """A worker that was cancelled may need a moment to give the key back."""
    until_s = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until_s:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from None
            time.sleep(_LOCK_POLL_S)
        else:
            return

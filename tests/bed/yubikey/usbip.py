"""The far end for a machine with a kernel of its own: keys in the ports of vhci-hcd, real ones for the kernel.

Runs in that machine, as root: `python3 -m tests.bed.yubikey.usbip PORT` reads orders (control.py) from a character
device or standard input ("-") and answers there. No TCP and no tool: one end of a socket pair is handed to the kernel.
The keys end with this process.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import cast

from tests.bed.yubikey.control import carry_out
from tests.bed.yubikey.farend import Access, FarEnd
from tests.bed.yubikey.fido.authenticator import Authenticator, FidoOptions
from tests.bed.yubikey.fido.ctaphid import CtapHid
from tests.bed.yubikey.model import Options, YubiKey
from tests.bed.yubikey.port import Port
from tests.bed.yubikey.usbip_link import UsbIpLink

CONTROLLER = Path("/sys/devices/platform/vhci_hcd.0")
MODULES = ("vhci-hcd", "usbhid", "hid-generic", "evdev")
FULL_SPEED = 2
_BUS_1 = 1 << 16
_FREE = 4
"""A port's state in the controller's list."""


class TypingKey(YubiKey):
    """A key whose presses are typed."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.on_typed: Callable[[str], None] = lambda _: None

    def press(self, number: int = 1) -> str:
        text = super().press(number)
        self.on_typed(text)
        return text


class UsbIpFarEnd:
    """What farend.FarEnd is, with the kernel in umockdev's place. Who may open the nodes is the matter of udev."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.ports: dict[int, Port] = {}
        self.environment: dict[str, str] = {}
        self._links: dict[int, UsbIpLink] = {}
        self._numbers = itertools.count(2)
        subprocess.run(["modprobe", "-a", *MODULES], check=True)

    def add(self, options: Options, *, otp: bool = True, fido: bool = False) -> None:
        """A new key, plugged in."""
        if not otp:
            raise ValueError("only keys with OTP are made here")
        key = TypingKey(options)
        authenticator = CtapHid(Authenticator(FidoOptions(options.firmware))) if fido else None
        port = self.ports[options.serial] = Port(key, authenticator)
        port.on_pull = lambda: self._links.pop(options.serial).end()
        key.on_typed = lambda text: self._links[options.serial].type(text)
        self._attach(options.serial)

    def plug(self, serial: int) -> None:
        port = self.ports[serial]
        if not port.plugged:
            port.plug()
            self._attach(serial)

    def permit(self, _access: Access) -> None:
        raise ValueError("udev's rules say who may open the nodes")

    def _attach(self, serial: int) -> None:
        ours, kernels = socket.socketpair()
        self._links[serial] = UsbIpLink(ours, self.ports[serial], self.lock)
        device = _BUS_1 | next(self._numbers)
        with kernels:  # the kernel holds a reference of its own
            (CONTROLLER / "attach").write_text(f"{free_port()} {kernels.fileno()} {device} {FULL_SPEED}")


def free_port() -> int:
    """Of the controller's high-speed hub, where full-speed devices live. Raises OSError when all are taken."""
    for line in (CONTROLLER / "status").read_text().splitlines()[1:]:
        hub, port, state, *_ = line.split()
        if hub == "hs" and int(state) == _FREE:
            return int(port)
    raise OSError("no free port")


def serve(device: str) -> None:
    far_end = UsbIpFarEnd()
    reading = sys.stdin.fileno() if device == "-" else os.open(device, os.O_RDWR)
    writing = sys.stdout.fileno() if device == "-" else reading
    print("ready", file=sys.stderr if device == "-" else sys.stdout, flush=True)
    with os.fdopen(reading, "rb", buffering=0) as orders:
        for line in orders:
            os.write(writing, json.dumps(_answer(far_end, line)).encode() + b"\n")


def _answer(far_end: UsbIpFarEnd, line: bytes) -> dict[str, object]:
    try:
        with far_end.lock:
            return {"answer": carry_out(cast("FarEnd", far_end), json.loads(line))}
    except (KeyError, ValueError, TypeError, StopIteration, OSError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    serve(sys.argv[1])

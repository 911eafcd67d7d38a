"""A USB port: what is between a key and whoever talks to it, and the trouble that can arise there.

A handle belongs to the plugging that it was opened in: after a pull it is dead for good, even when the key is back.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from tests.bed.yubikey.fido.ctaphid import PACKET_BYTES, CtapHid
from tests.bed.yubikey.frames import PENDING, REPORT_BYTES, WRITE
from tests.bed.yubikey.model import YubiKey

SLOW_S = 0.05


class Stall(Exception):  # noqa: N818 - USB's word
    """The device refuses the request (EPIPE)."""


class Gone(Exception):  # noqa: N818
    """The device is not plugged in any more (ENODEV)."""


class Trouble(Enum):
    """STALL: every request is refused. BUSY: the key says for ever that it is busy. SHORT: reads give 5 bytes.
    CORRUPT: one bit of each response's part is wrong. DEAF: writes are lost. BABBLE: reads give noise. SLOW: every
    request takes SLOW_S. To the FIDO application STALL, SHORT, CORRUPT, DEAF and BABBLE happen."""

    NONE = "none"
    STALL = "stall"
    BUSY = "busy"
    SHORT = "short"
    CORRUPT = "corrupt"
    DEAF = "deaf"
    BABBLE = "babble"
    SLOW = "slow"


@dataclass(slots=True)
class Script:
    """What goes wrong: `trouble` with every request; `pull_after` requests the key is pulled (None: never)."""

    trouble: Trouble = Trouble.NONE
    pull_after: int | None = None


class Port:
    """`fido` is the key's FIDO application; None for a key without one."""

    def __init__(self, key: YubiKey, fido: CtapHid | None = None) -> None:
        self.key, self.fido = key, fido
        self.script = Script()
        self.plugging = 1
        self.plugged = True
        self.driver_attached = True
        """Whether the kernel's keyboard driver holds the key; only a libusb program changes that."""
        self.on_pull: Callable[[], None] = lambda: None

    def pull(self) -> None:
        if self.plugged:
            self.plugged = False
            self.on_pull()

    def plug(self) -> None:
        if not self.plugged:
            self.key.power_up()
            if self.fido:
                self.fido.power_up()
            self.plugged, self.plugging = True, self.plugging + 1
            self.driver_attached = True

    def read(self, plugging: int) -> bytes:
        """A feature report. Raises Gone, Stall."""
        self._pass(plugging)
        report = self.key.read()
        match self.script.trouble:
            case Trouble.SHORT:
                return report[:5]
            case Trouble.BABBLE:
                return os.urandom(REPORT_BYTES)
            case Trouble.BUSY:
                return report[:-1] + bytes([report[-1] | WRITE])
            case Trouble.CORRUPT if report[-1] & PENDING:
                return bytes([report[0] ^ 1]) + report[1:]
            case _:
                return report

    def write(self, plugging: int, report: bytes) -> None:
        """Takes a feature report. Raises Gone, Stall."""
        self._pass(plugging)
        if len(report) != REPORT_BYTES:
            raise Stall
        if self.script.trouble is not Trouble.DEAF:
            self.key.write(report)

    def fido_read(self, plugging: int) -> bytes | None:
        """The next packet, if there is one. Raises Gone, Stall."""
        if not self.fido or not self.plugged or plugging != self.plugging:
            raise Gone
        if self.script.trouble is Trouble.STALL:
            raise Stall
        packet = self.fido.read()
        if packet is None:
            return None
        match self.script.trouble:
            case Trouble.SHORT:
                return packet[:5]
            case Trouble.CORRUPT:
                return packet[:10] + bytes([packet[10] ^ 1]) + packet[11:]
            case Trouble.BABBLE:
                return packet[:4] + os.urandom(PACKET_BYTES - 4)
            case _:
                return packet

    def fido_write(self, plugging: int, packet: bytes) -> None:
        """Takes a packet. Raises Gone, Stall."""
        self._pass(plugging)
        if self.fido and self.script.trouble is not Trouble.DEAF:
            self.fido.write(packet)

    def _pass(self, plugging: int) -> None:
        if self.script.pull_after is not None:
            if self.script.pull_after == 0:
                self.script.pull_after = None
                self.pull()
            else:
                self.script.pull_after -= 1
        if not self.plugged or plugging != self.plugging:
            raise Gone
        if self.script.trouble is Trouble.STALL:
            raise Stall
        if self.script.trouble is Trouble.SLOW:
            time.sleep(SLOW_S)  # the slowness itself, nothing that could be awaited

"""An open FIDO node, as python-fido2 wants a connection: packets of 64 bytes in both directions.

- Every read is one poll after another, so that a silent key ends it (QUIET_S), and the daemon's hanging up, too.
- Everybody who has the node open reads everything: packets of other channels than ours are passed over.
- A key that blinks for us keeps on doing so when we go: `take_back` tells it to stop.
- Keepalives are looked at here, since they alone tell that the key blinks: they come until it was touched.
"""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.nodes import Packets

PACKET_BYTES = 64
QUIET_S = 3.0
_POLL_MS = 20
_MOST_PASSED_OVER = 4096

_CANCEL = 0x80 | 0x11
_KEEPALIVE = 0x80 | 0x3B
_ERROR = 0x80 | 0x3F
_CHANNEL_BUSY = 0x06
_CBOR = 0x80 | 0x10
_FINGER_NEEDED = 2


@dataclass(frozen=True, slots=True)
class FingerWait:
    """`timeout_s` counts from the first blink. `on_touch` is called once, when the key begins to blink. `cancelled` is
    asked every 20 ms or so. What they raise passes through."""

    timeout_s: float
    on_touch: Callable[[], None]
    cancelled: Callable[[], bool]


class PacketLine:
    """`read_packet`, `write_packet` and `close` are python-fido2's names. Raises OSError; Fault: CANCELLED,
    KEY_NOT_TOUCHED, KEY_BUSY, KEY_FAILED (silence)."""

    def __init__(self, packets: Packets, wait: FingerWait) -> None:
        self._packets, self._wait = packets, wait
        self._channel = b""
        self._asked = False
        self._blinking_since_s: float | None = None

    def write_packet(self, data: bytes) -> None:
        """`data` has 64 bytes."""
        self._channel = bytes(data[:4])
        if data[4] & 0x80:
            self._asked, self._blinking_since_s = data[4] == _CBOR, None
        self._packets.write(bytes(data))

    def read_packet(self) -> bytes:
        quiet_from_s = time.monotonic()
        for _ in range(_MOST_PASSED_OVER):
            packet = self._next(quiet_from_s)
            if packet[:4] != self._channel:
                continue
            if packet[4] == _ERROR and packet[7] == _CHANNEL_BUSY:
                raise Fault(Code.KEY_BUSY)  # the library would ask again for ever
            if packet[4] == _KEEPALIVE:
                self._note(packet[7])
            elif packet[4] == _CBOR:
                self._asked = False
            return packet
        raise Fault(Code.KEY_BUSY)

    def close(self) -> None:
        """Nothing: who opened the node closes it."""

    def take_back(self) -> None:
        """The question that is open, if one is."""
        if self._asked:
            self._asked = False
            self._packets.write((self._channel + bytes([_CANCEL, 0, 0])).ljust(PACKET_BYTES, b"\0"))

    def _next(self, quiet_from_s: float) -> bytes:
        poll = select.poll()
        poll.register(self._packets.fileno(), select.POLLIN)
        while True:
            self._stop_if_it_is_time(quiet_from_s)
            if not poll.poll(_POLL_MS):
                continue
            try:
                packet = self._packets.read()
            except BlockingIOError:
                continue
            if len(packet) == PACKET_BYTES:
                return packet
            if not packet:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            raise Fault(Code.KEY_FAILED, detail="short packet")

    def _stop_if_it_is_time(self, quiet_from_s: float) -> None:
        if self._wait.cancelled():
            raise Fault(Code.CANCELLED)
        now_s = time.monotonic()
        if self._blinking_since_s is not None and now_s - self._blinking_since_s >= self._wait.timeout_s:
            raise Fault(Code.KEY_NOT_TOUCHED, seconds=round(now_s - self._blinking_since_s))
        if now_s - quiet_from_s >= QUIET_S:
            raise Fault(Code.KEY_FAILED, detail="silence")

    def _note(self, status: int) -> None:
        if status == _FINGER_NEEDED and self._blinking_since_s is None:
            self._blinking_since_s = time.monotonic()
            self._wait.on_touch()

    @property
    def blinked_s(self) -> float:
        return 0.0 if self._blinking_since_s is None else time.monotonic() - self._blinking_since_s

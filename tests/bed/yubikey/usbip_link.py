"""One plugging of a key, over USB/IP: control transfers are answered at once, the keyboard's requests when it types.

The rules:
- Every request is answered; one that is not would hang whoever sent it.
- The keyboard speaks at its endpoint's interval, not quicker: the kernel's buffer holds 64 events and drops the rest.
- A link ends when its key is pulled or the kernel hangs up, and never comes back: the next plugging is another link.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque

from tests.bed.yubikey.port import Gone, Port, Stall
from tests.bed.yubikey.usb_face import control_transfer
from tests.bed.yubikey.usbip_keyboard import reports_from_text
from tests.bed.yubikey.usbip_wire import (
    HEADER_BYTES,
    Submit,
    Unlink,
    request_from_header,
    stalled,
    submitted,
    unlinked,
)

INTERVAL_S = 0.01
"""The keyboard endpoint's bInterval in usb_face.configuration_descriptor()."""


class UsbIpLink:
    """`lock` is held around whatever is done to the key."""

    def __init__(self, connection: socket.socket, port: Port, lock: threading.Lock) -> None:
        self._socket, self._port, self._lock = connection, port, lock
        self._plugging = port.plugging
        self._to_type: deque[bytes] = deque()
        self._waiting: deque[Submit] = deque()
        self._news = threading.Condition()
        self._ended = False
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._type, daemon=True).start()

    def type(self, text: str) -> None:
        with self._news:
            self._to_type += reports_from_text(text)
            self._news.notify_all()

    def end(self) -> None:
        """As a pull does."""
        with self._news:
            self._ended = True
            self._news.notify_all()
        with contextlib.suppress(OSError):  # the kernel may have hung up before
            self._socket.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as packets:
                while len(header := packets.read(HEADER_BYTES)) == HEADER_BYTES:
                    match request_from_header(header):
                        case Unlink() as unlink:
                            self._take_back(unlink)
                        case Submit() as submit:
                            data = b"" if submit.inward else packets.read(submit.length)
                            self._take(submit, data)
        except (OSError, Gone):
            pass
        finally:
            self.end()
            self._socket.close()

    def _take(self, request: Submit, data: bytes) -> None:
        if request.endpoint != 0:
            with self._news:
                self._waiting.append(request)
                self._news.notify_all()
            return
        *setup, length = request.setup
        try:
            with self._lock:
                reply = control_transfer(
                    self._port, self._plugging, (setup[0], setup[1], setup[2], setup[3]), data, length
                )
        except Stall:
            self._say(stalled(request))
        else:
            self._say(submitted(request, reply))

    def _take_back(self, request: Unlink) -> None:
        with self._news:
            kept = deque(waiting for waiting in self._waiting if waiting.number != request.target)
            in_time, self._waiting = len(kept) < len(self._waiting), kept
            self._say_locked(unlinked(request, in_time=in_time))

    def _type(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._ended or (self._to_type and self._waiting))
                if self._ended:
                    return
                request = self._waiting.popleft()
                self._say_locked(submitted(request, self._to_type.popleft()[: request.length]))
            time.sleep(INTERVAL_S)  # the interval itself, nothing that could be awaited

    def _say(self, packet: bytes) -> None:
        with self._news:
            self._say_locked(packet)

    def _say_locked(self, packet: bytes) -> None:
        try:
            self._socket.sendall(packet)
        except OSError:
            self._ended = True
            self._news.notify_all()

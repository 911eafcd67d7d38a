"""One plugging of a key, over USB/IP: control transfers are answered at once, the keyboard's requests when it types,
the FIDO application's when it has something to say.

The rules:
- Every request is answered; one that is not would hang whoever sent it.
- The keyboard speaks at its endpoint's interval, not quicker: the kernel's buffer holds 64 events and drops the rest.
- A FIDO packet that was taken out of the application is kept until a request fetches it, as in a device's buffer.
- Whoever holds the key's lock may ask for the link's own; never the other way round.
- A link ends when its key is pulled or the kernel hangs up, and never comes back: the next plugging is another link.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import defaultdict, deque

from tests.bed.yubikey.port import Gone, Port, Stall
from tests.bed.yubikey.usb_face import (
    FIDO_ENDPOINT,
    FIDO_INTERVAL_MS,
    KEYBOARD_ENDPOINT,
    KEYBOARD_INTERVAL_MS,
    control_transfer,
)
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


class UsbIpLink:
    """`lock` is held around whatever is done to the key."""

    def __init__(self, connection: socket.socket, port: Port, lock: threading.Lock) -> None:
        self._socket, self._port, self._lock = connection, port, lock
        self._plugging = port.plugging
        self._to_type: deque[bytes] = deque()
        self._waiting: defaultdict[int, deque[Submit]] = defaultdict(deque)
        """What the host wants to read, by endpoint."""
        self._news = threading.Condition()
        self._ended = False
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._type, daemon=True).start()
        if port.fido:
            threading.Thread(target=self._speak_fido, daemon=True).start()

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
        if request.endpoint != 0 and request.inward:
            with self._news:
                self._waiting[request.endpoint].append(request)
                self._news.notify_all()
            return
        try:
            with self._lock:
                reply = self._carried_out(request, data)
        except Stall:
            self._say(stalled(request))
        else:
            self._say(submitted(request, reply))

    def _carried_out(self, request: Submit, data: bytes) -> bytes:
        """Raises Gone, Stall."""
        if request.endpoint == FIDO_ENDPOINT:
            self._port.fido_write(self._plugging, data)
            return b""
        kind, number, value, index, length = request.setup
        return control_transfer(self._port, self._plugging, (kind, number, value, index), data, length)

    def _take_back(self, request: Unlink) -> None:
        with self._news:
            found = [(queue, one) for queue in self._waiting.values() for one in queue if one.number == request.target]
            for queue, one in found:
                queue.remove(one)
            self._say_locked(unlinked(request, in_time=bool(found)))

    def _type(self) -> None:
        waiting = self._waiting[KEYBOARD_ENDPOINT]
        while True:
            with self._news:
                self._news.wait_for(lambda: self._ended or (self._to_type and waiting))
                if self._ended:
                    return
                request = waiting.popleft()
                self._say_locked(submitted(request, self._to_type.popleft()[: request.length]))
            time.sleep(KEYBOARD_INTERVAL_MS / 1000)  # the interval itself, nothing that could be awaited

    def _speak_fido(self) -> None:
        waiting = self._waiting[FIDO_ENDPOINT]
        packet: bytes | None = None
        while True:
            with self._news:
                self._news.wait_for(lambda: self._ended or waiting)
                if self._ended:
                    return
                if packet is not None:
                    request = waiting.popleft()
                    self._say_locked(submitted(request, packet[: request.length]))
            try:
                with self._lock:
                    packet = self._port.fido_read(self._plugging)
            except Stall:
                packet = None
                self._refuse_fido()
            except Gone:
                return
            time.sleep(FIDO_INTERVAL_MS / 1000)  # the same

    def _refuse_fido(self) -> None:
        with self._news:
            if waiting := self._waiting[FIDO_ENDPOINT]:
                self._say_locked(stalled(waiting.popleft()))

    def _say(self, packet: bytes) -> None:
        with self._news:
            self._say_locked(packet)

    def _say_locked(self, packet: bytes) -> None:
        try:
            self._socket.sendall(packet)
        except OSError:
            self._ended = True
            self._news.notify_all()

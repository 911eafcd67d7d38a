"""A plain netlink socket: requests that are acknowledged, dumps, events.

The rules:
- One request at a time, from one thread; the kernel answers at once, so a request that is not answered in
  `TIMEOUT_S` is an error, never a wait.
- What is received stands in one buffer, is shown as a view while it is read, and is wiped before anything else is
  received: a device's dump holds its private key. Error messages do not echo the request (NETLINK_CAP_ACK).
- A dump that changed while it was read is read again from its start.
- What the kernel refuses is Fault KERNEL_REFUSED(what, errno), `what` being the caller's words for the request.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

T = TypeVar("T")

NETLINK_ROUTE = 0
NETLINK_NETFILTER = 12
NETLINK_GENERIC = 16

REQUEST = 0x1
ACK = 0x4
DUMP = 0x300
REPLACE = 0x100
EXCLUSIVE = 0x200
CREATE = 0x400
APPEND = 0x800

TIMEOUT_S = 5.0
LARGEST_MESSAGE = 65535
"""What one request may be long; a nested attribute's length has 16 bits."""

_HEADER = struct.Struct("=IHHII")
HEADER_BYTES = _HEADER.size
_MOST_PROCESSES = 1 << 22
_ERROR = 2
_DONE = 3
_INTERRUPTED = 0x10
_MOST_DUMPS = 10
_RECEIVE_BYTES = 64 * 1024
"""The kernel fills at most 32 KiB of a dump at a time."""

_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_GET_STRICT_CHK = 12
_SO_RCVBUFFORCE = 33


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its type, its flags, and all of its bytes, header included. `data` is a view of the receive buffer
    that is valid only until the reader returns."""

    kind: int
    flags: int
    data: memoryview

    @property
    def body(self) -> memoryview:
        return self.data[HEADER_BYTES:]

    @property
    def process(self) -> int:
        """Of an event: the process that asked for what is announced, 0 when it cannot be told. The kernel tells the
        port of its socket; that is the process's number for the first socket of each, and no number for any other."""
        port: int = _HEADER.unpack_from(self.data)[4]
        return port if port <= _MOST_PROCESSES else 0


class Overrun(Exception):  # noqa: N818 - an event's name
    """Events were lost; whoever listens reads everything anew."""


class NetlinkSocket:
    """Requests and dumps of one netlink family, e.g. `NETLINK_ROUTE`. Use in a `with`, or close."""

    def __init__(self, protocol: int) -> None:
        self._socket = _open(protocol)
        self._socket.bind((0, 0))
        self._socket.settimeout(TIMEOUT_S)
        self._set_if_known(_NETLINK_CAP_ACK)
        self._set_if_known(_NETLINK_GET_STRICT_CHK)
        self._buffer = bytearray(_RECEIVE_BYTES)
        self._sequence = 0

    def request(self, what: str, kind: int, payload: bytes | bytearray, flags: int = 0) -> None:
        """Sends a request and awaits the kernel's acknowledgement. Raises Fault: KERNEL_REFUSED(what, errno)."""
        self._send(what, kind, payload, REQUEST | ACK | flags)
        for _ in self._answers(what):
            pass  # an echo of what was made is not asked for; the acknowledgement ends the answers

    def ask(self, what: str, kind: int, payload: bytes | bytearray, read: Callable[[Frame], T]) -> T:
        """The one answer to a request, read by `read`. Raises Fault: KERNEL_REFUSED(what, errno)."""
        self._send(what, kind, payload, REQUEST | ACK)
        answers = [read(frame) for frame in self._answers(what)]
        if len(answers) != 1:
            raise _refused(what, errno.EBADMSG)
        return answers[0]

    def dump(self, what: str, kind: int, payload: bytes | bytearray, read: Callable[[Frame], T]) -> list[T]:
        """Every answer of a dump, each read by `read`. Raises Fault: KERNEL_REFUSED(what, errno)."""
        for _ in range(_MOST_DUMPS):
            self._send(what, kind, payload, REQUEST | DUMP)
            flags = 0
            answers = []
            for frame in self._answers(what):
                flags |= frame.flags
                answers.append(read(frame))
            if not flags & _INTERRUPTED:
                return answers
        raise _refused(what, errno.EINTR)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _set_if_known(self, option: int) -> None:
        # An older kernel without the option tells more than we ask for, and we read no more than we need.
        with suppress(OSError):
            self._socket.setsockopt(_SOL_NETLINK, option, 1)

    def _send(self, what: str, kind: int, payload: bytes | bytearray, flags: int) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        length = HEADER_BYTES + len(payload)
        try:
            # In two pieces, so that a payload with a key in it is not copied.
            self._socket.sendmsg([_HEADER.pack(length, kind, flags, self._sequence, 0), payload])
        except OSError as wrong:
            raise _refused(what, wrong.errno or errno.EIO) from None

    def _answers(self, what: str) -> Iterator[Frame]:
        """The frames that answer the last request, up to its end or its acknowledgement."""
        done = False
        while not done:
            size = self._receive(what)
            try:
                for frame in frames_of(memoryview(self._buffer)[:size], self._sequence):
                    if frame.kind in {_ERROR, _DONE}:
                        _raise_if_refused(what, frame)
                        done = True
                    else:
                        yield frame
            finally:
                self._buffer[:size] = bytes(size)

    def _receive(self, what: str) -> int:
        while True:
            try:
                size, _, flags, sender = self._socket.recvmsg_into([self._buffer])
            except TimeoutError:
                raise _refused(what, errno.ETIMEDOUT) from None
            except OSError as wrong:
                raise _refused(what, wrong.errno or errno.EIO) from None
            if flags & socket.MSG_TRUNC:
                raise _refused(what, errno.EMSGSIZE)
            if sender[0] == 0:  # the kernel; any process may send to our address
                return size


class NetlinkEvents:
    """What the kernel announces in some groups of a netlink family. `fileno` becomes readable; then `drain`."""

    def __init__(self, protocol: int, groups: int, buffer_bytes: int = 1024 * 1024) -> None:
        """`groups` is a bit mask (RTMGRP_*); for groups above 32 use `join`."""
        self._socket = _open(protocol)
        self._socket.setblocking(False)
        self._enlarge(buffer_bytes)
        self._socket.bind((0, groups))

    def join(self, group: int) -> None:
        """Listens to one more group, by its number."""
        self._socket.setsockopt(_SOL_NETLINK, 1, group)

    def fileno(self) -> int:
        return self._socket.fileno()

    def drain(self, read: Callable[[Frame], T]) -> list[T]:
        """Every event that is there, each read by `read`; [] when there is none. Raises Overrun when some were lost."""
        events: list[T] = []
        while True:
            try:
                data, sender = self._socket.recvfrom(_RECEIVE_BYTES)
            except BlockingIOError:
                return events
            except OSError as wrong:
                if wrong.errno == errno.ENOBUFS:
                    raise Overrun from None
                raise
            if sender[0] == 0:
                events.extend(read(frame) for frame in frames_of(memoryview(data)))

    def close(self) -> None:
        self._socket.close()

    def _enlarge(self, buffer_bytes: int) -> None:
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, buffer_bytes)
        except PermissionError:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)


def errno_of(fault: Fault) -> int:
    """The kernel's errno of a KERNEL_REFUSED; 0 of any other fault."""
    value = fault.facts.get("errno", 0)
    return value if isinstance(value, int) else 0


def frames_of(data: memoryview, sequence: int | None = None) -> Iterator[Frame]:
    """The messages in one datagram; those of another request than `sequence` are left out. Raises Fault:
    KERNEL_REFUSED when a length leads outside."""
    offset = 0
    while offset + HEADER_BYTES <= len(data):
        length, kind, flags, number, _ = _HEADER.unpack_from(data, offset)
        if length < HEADER_BYTES or offset + length > len(data):
            raise _refused("read a message", errno.EBADMSG)
        if sequence is None or number == sequence:
            yield Frame(kind, flags, data[offset : offset + length])
        offset += (length + 3) & ~3


def _open(protocol: int) -> socket.socket:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)


def _raise_if_refused(what: str, frame: Frame) -> None:
    """An acknowledgement is an error message with number 0; the end of a dump may carry one, too."""
    if len(frame.body) >= 4:
        (number,) = struct.unpack_from("=i", frame.body)
        if number < 0:
            raise _refused(what, -number)


def _refused(what: str, number: int) -> Fault:
    return Fault(Code.KERNEL_REFUSED, what=what, errno=number)

"""The daemon's end of the worker's socket: one connection a request, on the loop, never waiting.

The worker parses the Internet, so it is believed nothing: every line is bounded in length and number, every request in
time, and whatever is not exactly an answer of the protocol ends the request as WORKER_FAILED. A result's content is
judged by whoever asked (a grant by the operator's signature).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping

from flexnetd.daemon.glib import Watch
from flexnetd.daemon.loop import Loop
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed
from flexnetd.wire.worker import (
    LONGEST_LINE,
    MOST_LINES,
    REQUEST_OF,
    Progress,
    Request,
    Result,
    Verb,
    read_answer,
    request_line,
)

SOCKET_VARIABLE = "FLEXNETD_WORKER_SOCKET"
DEFAULT_SOCKET = "/run/flexnetd/worker.sock"

DEADLINE_S: Mapping[Verb, float] = {
    Verb.DISCOVER: 15.0,
    Verb.LOGIN: 75.0,
    Verb.RENEW: 75.0,
    Verb.SESSION: 15.0,
    Verb.SIGN_OUT: 10.0,
    Verb.RESOLVE: 15.0,
    Verb.PROBE: 35.0,
    Verb.POSTURE: 30.0,
}
"""The worker has limits of its own, tighter than these; a touch is waited for 15 s, a PIN may be tried."""

Outcome = Result | Fault
_CHUNK = 65536


class Job:
    """One request under way. `cancel` closes the connection, upon which the worker gives the key back and exits; no
    callback comes after it."""

    def __init__(
        self,
        loop: Loop,
        path: str,
        deadlines_s: Mapping[Verb, float],
        request: Request,
        on_progress: Callable[[Progress], None],
        done: Callable[[Outcome], None],
    ) -> None:
        self._loop = loop
        self._on_progress, self._done = on_progress, done
        self._verb = next(verb for verb, kind in REQUEST_OF.items() if isinstance(request, kind))
        self._to_send = bytearray(request_line(request))
        self._received = bytearray()
        self._lines = 0
        self._open = True
        self._watches: list[Watch] = []
        self._deadline = loop.after(deadlines_s[self._verb], lambda: self._failed("deadline"))
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        self._connect(path)

    def cancel(self) -> None:
        """May be called at any time, any number of times."""
        if self._open:
            self._open = False
            self._deadline.cancel()
            for watch in self._watches:
                watch.remove()
            self._socket.close()
            _wipe(self._to_send)

    def _connect(self, path: str) -> None:
        try:
            self._socket.connect(path)
        except OSError:
            # Told from the loop: nobody expects to be called back before the constructor returned.
            self._loop.post(lambda: self._finish(Fault(Code.WORKER_UNREACHABLE)))
            return
        self._watches = [
            self._loop.on_readable(self._socket.fileno(), self._readable),
            self._loop.on_writable(self._socket.fileno(), self._writable),
        ]

    def _writable(self) -> None:
        try:
            sent = self._socket.send(self._to_send)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._to_send)  # it hung up on us; what it had to say is read, or its silence noticed
        _wipe(self._to_send, sent)
        if not self._to_send:
            self._watches[1].remove()

    def _readable(self) -> None:
        try:
            chunk = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._failed("ended without an answer")
            return
        self._received += chunk
        while self._open and b"\n" in self._received:
            line, _, rest = self._received.partition(b"\n")
            self._received = bytearray(rest)
            self._line(bytes(line))
        if self._open and len(self._received) > LONGEST_LINE:
            self._failed("line too long")

    def _line(self, line: bytes) -> None:
        self._lines += 1
        if self._lines > MOST_LINES:
            self._failed("too many lines")
            return
        try:
            answer = read_answer(self._verb, line)
        except Malformed as wrong:
            self._failed(f"malformed: {wrong.field[:64]}")
            return
        if isinstance(answer, Progress):
            self._on_progress(answer)
        else:
            self._finish(answer)

    def _failed(self, detail: str) -> None:
        self._finish(Fault(Code.WORKER_FAILED, detail=detail))

    def _finish(self, outcome: Outcome) -> None:
        if self._open:
            self.cancel()
            self._done(outcome)


class WorkerClient:
    """Where requests to the worker begin."""

    def __init__(self, loop: Loop, path: str = "", deadlines_s: Mapping[Verb, float] = DEADLINE_S) -> None:
        self._loop, self._deadlines_s = loop, deadlines_s
        self._path = path or os.environ.get(SOCKET_VARIABLE) or DEFAULT_SOCKET

    def start(
        self,
        request: Request,
        done: Callable[[Outcome], None],
        on_progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> Job:
        """`done` is called once, from the loop, with the result or a fault (its own, WORKER_UNREACHABLE,
        WORKER_FAILED), unless the job is cancelled before."""
        return Job(self._loop, self._path, self._deadlines_s, request, on_progress, done)


def _wipe(buffer: bytearray, count: int | None = None) -> None:
    """Overwrites and drops what was sent: it held a password."""
    count = len(buffer) if count is None else count
    buffer[:count] = bytes(count)
    del buffer[:count]

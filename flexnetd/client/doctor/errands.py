"""Questions to the Internet and to the key, each carried out by a process of the worker's program, all at once.

The worker is what asks them in a sign-in, so its answers here are those that a sign-in would get. Each process serves
one request on its standard input, a UNIX socket, and ends (flexnetd/wire/worker.py); it has the person's rights and
confines itself before it reads anything. What has not answered in time is hung up on, which makes it give the key back
and end; what does not end then is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import flexnetd
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed
from flexnetd.wire.worker import LONGEST_LINE, REQUEST_OF, Progress, Request, Result, read_answer, request_line

EVERY_S = 0.12
ENDS_WITHIN_S = 2.0
_CHUNK = 65536

Answer = Result | Fault


@dataclass(frozen=True, slots=True)
class Came:
    """When an answer came, in seconds since the epoch, and how long it took."""

    at: float
    took_s: float


class Errands:
    """`start` as many as there are questions, then `gather`. In a `with`, so that no process is left."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Errand] = {}
        self.answers: dict[str, Answer] = {}
        """By the name that each question was started with; what did not come in time is not there."""
        self.came: dict[str, Came] = {}

    def __enter__(self) -> Errands:
        return self

    def __exit__(self, *_: object) -> None:
        for errand in self._under_way.values():
            errand.hang_up()
        for errand in self._under_way.values():
            errand.end()

    def start(self, name: str, request: Request) -> None:
        try:
            self._under_way[name] = _Errand(request)
        except OSError as error:
            self.answers[name] = Fault(Code.WORKER_FAILED, detail=type(error).__name__)

    def gather(self, until_s: float, meanwhile: Callable[[], None]) -> Mapping[str, Answer]:
        """Every answer that comes before `until_s` by the monotonic clock. `meanwhile` is called every EVERY_S."""
        with selectors.DefaultSelector() as selector:
            for name, errand in self._under_way.items():
                selector.register(errand.connection, selectors.EVENT_READ, name)
            while selector.get_map() and (left_s := until_s - time.monotonic()) > 0:
                for key, _ in selector.select(min(EVERY_S, left_s)):
                    answer = self._under_way[key.data].read()
                    if answer is not None:
                        self.answers[key.data] = answer
                        self.came[key.data] = Came(time.time(), time.monotonic() - self._under_way[key.data].began_s)
                        selector.unregister(key.fileobj)
                meanwhile()
        return self.answers


class _Errand:
    def __init__(self, request: Request) -> None:
        self._verb = next(verb for verb, kind in REQUEST_OF.items() if isinstance(request, kind))
        self._received = b""
        self.began_s = time.monotonic()
        self.connection, theirs = socket.socketpair()
        with theirs:
            command, folder = _command()
            self._process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
            )
        self.connection.setblocking(False)
        with contextlib.suppress(OSError):  # a worker that ended at once is seen when it is read from
            self._send(request_line(request))

    def read(self) -> Answer | None:
        """None while it goes on."""
        try:
            chunk = self.connection.recv(_CHUNK)
        except BlockingIOError:
            return None
        except OSError:
            chunk = b""
        self._received += chunk
        if not chunk or len(self._received) > LONGEST_LINE:
            return Fault(Code.WORKER_FAILED, detail="no answer")
        return self._answer_in_what_came()

    def hang_up(self) -> None:
        self.connection.close()

    def end(self) -> None:
        ended = os.pidfd_open(self._process.pid)
        try:
            if not select.select([ended], [], [], ENDS_WITHIN_S)[0]:
                self._process.kill()
        finally:
            os.close(ended)
            self._process.wait()

    def _answer_in_what_came(self) -> Answer | None:
        while b"\n" in self._received:
            line, _, self._received = self._received.partition(b"\n")
            try:
                answer = read_answer(self._verb, line)
            except Malformed:
                return Fault(Code.WORKER_FAILED, detail="answer")
            if not isinstance(answer, Progress):
                return answer
        return None

    def _send(self, line: bytes) -> None:
        self.connection.settimeout(ENDS_WITHIN_S)
        try:
            self.connection.sendall(line)
        finally:
            self.connection.setblocking(False)


def _command() -> tuple[list[str], Path]:
    """The worker's program as it lies beside this one, and where to start it: by Python's isolated mode, as the
    installed commands run, or from a checkout."""
    module = ["-m", "flexnetd.worker.main"]
    if sys.flags.isolated:
        return [sys.executable, "-I", *module], Path("/")
    return [sys.executable, *module], Path(flexnetd.__file__).parents[1]

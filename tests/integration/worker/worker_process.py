"""A real worker process on one end of a socket pair, as flexnetd-worker.socket would start it; the test is flexnetd."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from flexnetd.model.fault import Fault
from flexnetd.wire.worker import REQUEST_OF, Progress, Request, Result, Verb, read_answer, request_line

PATIENCE_S = 40.0


@dataclass
class WorkerProcess:
    process: subprocess.Popen[bytes]
    connection: socket.socket
    progress: list[Progress] = field(default_factory=list)
    received: bytes = b""

    def ask(self, request: Request) -> Result | Fault:
        self.connection.sendall(request_line(request))
        return self.outcome(_verb(request))

    def outcome(self, verb: Verb) -> Result | Fault:
        """The answer that ends the request; `progress` has what came before."""
        while True:
            answer = read_answer(verb, self._line())
            if not isinstance(answer, Progress):
                return answer
            self.progress.append(answer)

    def next_progress(self, verb: Verb) -> Progress:
        answer = read_answer(verb, self._line())
        assert isinstance(answer, Progress)
        return answer

    def exit_status(self) -> int:
        return self.process.wait(PATIENCE_S)

    def _line(self) -> bytes:
        while b"\n" not in self.received:
            chunk = self.connection.recv(65536)
            assert chunk, "the worker ended without an answer"
            self.received += chunk
        line, _, self.received = self.received.partition(b"\n")
        return line


@dataclass(frozen=True)
class Asked:
    outcome: Result | Fault
    progress: tuple[Progress, ...]
    took_s: float
    log: str


@contextmanager
def worker_process(
    environment: Mapping[str, str] | None = None, command_prefix: tuple[str, ...] = ()
) -> Iterator[WorkerProcess]:
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE_S)
    with ours, theirs:
        process = subprocess.Popen(
            [*command_prefix, sys.executable, "-m", "flexnetd.worker.main"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        theirs.close()
        try:
            yield WorkerProcess(process, ours)
        finally:
            ours.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            assert process.stderr is not None
            process.stderr.close()


def ask(request: Request, environment: Mapping[str, str] | None = None, command_prefix: tuple[str, ...] = ()) -> Asked:
    """One request to a worker of its own."""
    began = time.monotonic()
    with worker_process(environment, command_prefix) as worker:
        outcome = worker.ask(request)
        took_s = time.monotonic() - began
        assert worker.exit_status() == 0
        assert worker.process.stderr is not None
        return Asked(outcome, tuple(worker.progress), took_s, worker.process.stderr.read().decode())


def _verb(request: Request) -> Verb:
    return next(verb for verb, kind in REQUEST_OF.items() if isinstance(request, kind))

"""The worker is believed nothing: each of these scripted workers is another way to be wrong."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flexnetd.daemon.worker_client import Job, Outcome, WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort
from flexnetd.wire.worker import (
    MOST_LINES,
    ProbeKind,
    ProbeRequest,
    ProbeResult,
    Progress,
    Verb,
    answer_line,
    read_request,
)
from tests.unit.daemon.running import Running

Script = Callable[[socket.socket], None]
REQUEST = ProbeRequest(ProbeKind.CONNECT, HostPort("192.0.2.1", 443))
RESULT = ProbeResult(answered=True, elapsed_ms=3)


class ScriptedWorker:
    """Serves one connection by a script, in a thread. `peer_left` is set when the daemon closed it."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.peer_left = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(1)
        self._threads: list[threading.Thread] = []

    def play(self, script: Script) -> None:
        thread = threading.Thread(target=self._serve, args=(script,))
        self._threads.append(thread)
        thread.start()

    def _serve(self, script: Script) -> None:
        connection, _ = self._listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            script(connection)
            while connection.recv(65536):
                pass
        self.peer_left.set()

    def close(self) -> None:
        for thread in self._threads:
            thread.join(10)
        self._listener.close()


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[ScriptedWorker]:
    here = ScriptedWorker(tmp_path / "worker.sock")
    yield here
    here.close()


def outcome_of(running: Running, worker: ScriptedWorker, script: Script) -> tuple[Outcome, list[Progress]]:
    worker.play(script)
    outcomes: list[Outcome] = []
    progress: list[Progress] = []
    WorkerClient(running.loop, worker.path).start(REQUEST, outcomes.append, progress.append)
    running.until(lambda: outcomes)
    assert len(outcomes) == 1
    return outcomes[0], progress


def test_a_good_worker_gets_the_request_and_its_answers_arrive(running: Running, worker: ScriptedWorker) -> None:
    asked: list[object] = []

    def script(connection: socket.socket) -> None:
        asked.append(read_request(connection.makefile("rb").readline()))
        connection.sendall(answer_line(Progress.CONTACTING) + answer_line(Progress.VERIFYING) + answer_line(RESULT))

    outcome, progress = outcome_of(running, worker, script)
    assert outcome == RESULT
    assert progress == [Progress.CONTACTING, Progress.VERIFYING]
    assert asked == [REQUEST]


def test_its_fault_is_the_outcome(running: Running, worker: ScriptedWorker) -> None:
    fault = Fault(Code.PORTAL_UNREACHABLE, host="portal")
    outcome, _ = outcome_of(running, worker, lambda connection: connection.sendall(answer_line(fault)))
    assert outcome == fault


def test_a_line_in_drips_is_put_together(running: Running, worker: ScriptedWorker) -> None:
    def script(connection: socket.socket) -> None:
        for byte in answer_line(RESULT):
            connection.sendall(bytes([byte]))

    assert outcome_of(running, worker, script)[0] == RESULT


def endless_line(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 65536)


def many_lines(connection: socket.socket) -> None:
    while True:
        connection.sendall(answer_line(Progress.CONTACTING))


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        (endless_line, "line too long"),
        (many_lines, "too many lines"),
        (lambda connection: connection.sendall(b"\n"), "malformed: message"),
        (lambda connection: connection.sendall(b'{"result":{}}\n'), "malformed: result.answered"),
        (lambda connection: connection.sendall(b'{"progress":"dancing"}\n'), "malformed: progress"),
        (lambda connection: connection.sendall(b"\xff\xfe\n"), "malformed: message"),
        (lambda connection: connection.shutdown(socket.SHUT_WR), "ended without an answer"),
        (
            lambda connection: (connection.sendall(answer_line(RESULT)[:-1]), connection.shutdown(socket.SHUT_WR))[1],
            "ended without an answer",
        ),
    ],
)
def test_a_worker_that_is_wrong_ends_by_name(
    running: Running, worker: ScriptedWorker, script: Script, detail: str
) -> None:
    outcome, progress = outcome_of(running, worker, script)
    assert outcome == Fault(Code.WORKER_FAILED, detail=detail)
    assert len(progress) <= MOST_LINES
    assert worker.peer_left.wait(5)


def test_a_worker_that_says_nothing_runs_out_of_time(running: Running, worker: ScriptedWorker) -> None:
    worker.play(lambda _connection: None)
    outcomes: list[Outcome] = []
    WorkerClient(running.loop, worker.path, {Verb.PROBE: 0.05}).start(REQUEST, outcomes.append)
    running.until(lambda: outcomes)
    assert outcomes == [Fault(Code.WORKER_FAILED, detail="deadline")]
    assert worker.peer_left.wait(5)


def test_nothing_after_the_answer_counts(running: Running, worker: ScriptedWorker) -> None:
    outcome, _ = outcome_of(running, worker, lambda connection: connection.sendall(answer_line(RESULT) * 3))
    assert outcome == RESULT


def test_no_worker_is_told_later_and_by_name(running: Running, tmp_path: Path) -> None:
    outcomes: list[Outcome] = []
    WorkerClient(running.loop, str(tmp_path / "nowhere")).start(REQUEST, outcomes.append)
    assert outcomes == []
    running.until(lambda: outcomes)
    assert outcomes == [Fault(Code.WORKER_UNREACHABLE)]


def test_cancelling_hangs_up_and_says_nothing(running: Running, worker: ScriptedWorker) -> None:
    outcomes: list[Outcome] = []
    touched: list[Progress] = []
    worker.play(lambda connection: connection.sendall(answer_line(Progress.TOUCH)))
    job: Job = WorkerClient(running.loop, worker.path).start(REQUEST, outcomes.append, touched.append)
    running.until(lambda: touched)
    job.cancel()
    job.cancel()
    assert worker.peer_left.wait(5)
    assert outcomes == []

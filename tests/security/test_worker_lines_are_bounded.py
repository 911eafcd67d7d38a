"""An endless line, a slow drip, thousands of messages: a named error, the worker hung up on, memory bounded."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexnetd.wire.worker import LONGEST_LINE, Progress, Request, answer_line
from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.person import Person
from tests.integration.daemon.scripted_worker import ENVIRONMENT, Script, ScriptedWorker, scripted_worker

ROOM_KIB = 8 * LONGEST_LINE // 1024 + 30_000
"""A line as bytes, and what is loaded for the first tunnel."""


@pytest.fixture
def worker(lone_laptop: Laptop) -> Iterator[ScriptedWorker]:
    lone_laptop.daemon.stop()
    lone_laptop.host.run(["mkdir", "-p", "/etc/flexnetd/authorities"])
    lone_laptop.host.write_files({"/etc/flexnetd/authorities/example.pem": "nobody reads this"})
    with scripted_worker(lone_laptop) as scripted:
        lone_laptop.daemon.start(env=ENVIRONMENT)
        yield scripted


def memory_kib(laptop: Laptop) -> int:
    status = Path(f"/proc/{laptop.daemon.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def endless_line(_request: Request, connection: socket.socket) -> None:
    while True:
        connection.sendall(b'{"progress":"' + b"x" * 65536)


def thousands_of_messages(_request: Request, connection: socket.socket) -> None:
    while True:
        connection.sendall(answer_line(Progress.CONTACTING) * 100)


def deep_nesting(_request: Request, connection: socket.socket) -> None:
    connection.sendall(b'{"result":' + b"[" * 500_000 + b"\n")


def nothing_at_all(_request: Request, connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def not_json(_request: Request, connection: socket.socket) -> None:
    connection.sendall(b"\x00\xff" * 1000 + b"\n")


@pytest.mark.parametrize("script", [endless_line, thousands_of_messages, deep_nesting, nothing_at_all, not_json])
def test_a_worker_that_floods_is_hung_up_on_by_name(
    lone_laptop: Laptop, worker: ScriptedWorker, script: Script
) -> None:
    worker.script = script
    before = memory_kib(lone_laptop)
    with Person(lone_laptop, ALICE) as alice:
        login = alice.sign_in("example", username="alice", factor="yubikey-hmac")
        alice.give(login, {"password": "x"})
        assert alice.finished(login) == "FN-609"
        assert alice.state("example") == "signed-out"
    assert memory_kib(lone_laptop) - before < ROOM_KIB
    assert lone_laptop.leftovers() == []


def test_a_slow_drip_holds_nobody_up(lone_laptop: Laptop, worker: ScriptedWorker) -> None:
    def drip(_request: Request, connection: socket.socket) -> None:
        while True:
            connection.sendall(b"x")
            time.sleep(0.01)

    worker.script = drip
    with Person(lone_laptop, ALICE) as alice:
        login = alice.sign_in("example", username="alice", factor="yubikey-hmac")
        alice.give(login, {"password": "x"})
        started = time.monotonic()
        for _ in range(20):
            assert alice.state("example") == "signing-in"
        assert time.monotonic() - started < 1
        alice.cancel(login)
        assert alice.finished(login) == "FN-612"

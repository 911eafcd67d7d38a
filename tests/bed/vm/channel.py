"""The host's end of the agent (agent.py): programs in the VM, several at a time, over one virtio port.

A thread reads what the agent says; each program's words are collected until somebody wants them. When the VM ends,
every program that still ran has ended with it, and whoever waits is told so.
"""

from __future__ import annotations

import base64
import json
import signal
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

GRACE_S = 20.0
SLOWEST = 8
"""A time-out is in seconds of the VM, of which an emulated one has fewer: so long for each the host waits, and a little
longer."""


class VmEnded(Exception):  # noqa: N818 - it says what happened
    """The VM went away under a running program."""


class Running:
    """A program in the VM. What it said comes in while it runs."""

    def __init__(self, channel: Channel, number: int, argv: Sequence[str], timeout_s: float) -> None:
        self.argv = tuple(argv)
        self._channel, self._number, self._timeout_s = channel, number, timeout_s
        self._out, self._err = bytearray(), bytearray()
        self._status: int | None = None
        self._gone = False
        self._news = threading.Condition()

    @property
    def out(self) -> bytes:
        with self._news:
            return bytes(self._out)

    @property
    def err(self) -> bytes:
        with self._news:
            return bytes(self._err)

    def wait(self, within_s: float | None = None) -> int:
        """Its exit status: 124 after its time-out, negative for a signal. Raises VmEnded, and AssertionError when it
        does not end `within_s`."""
        with self._news:
            longest_s = self._timeout_s * SLOWEST + GRACE_S if within_s is None else within_s
            self._await(lambda: self._status is not None, longest_s, "end")
            assert self._status is not None
            return self._status

    def await_line(self, beginning: str, timeout_s: float) -> str:
        """The first line of its output that begins so. Raises AssertionError when it ends before, or in vain."""
        with self._news:
            self._await(lambda: self._line(beginning) is not None or self._status is not None, timeout_s, beginning)
            found = self._line(beginning)
        if found is None:
            raise AssertionError(f"{self} ended with {self._status}:\n{self.said()}")
        return found

    def send(self, number: int = signal.SIGTERM) -> None:
        self._channel.send(id=self._number, kill=int(number))

    def said(self) -> str:
        return (self.out + self.err).decode(errors="replace")

    def __str__(self) -> str:
        return " ".join(self.argv)

    def take(self, told: Mapping[str, Any]) -> None:
        """A message of the agent's."""
        with self._news:
            self._out += base64.b64decode(told.get("out", ""))
            self._err += base64.b64decode(told.get("err", ""))
            self._status = told.get("exit", self._status)
            self._news.notify_all()

    def end(self) -> None:
        """The VM is no more."""
        with self._news:
            self._gone = True
            self._news.notify_all()

    def _line(self, beginning: str) -> str | None:
        whole = bytes(self._out).rpartition(b"\n")[0].decode(errors="replace")
        return next((line for line in whole.splitlines() if line.startswith(beginning)), None)

    def _await(self, condition: Any, timeout_s: float, what: str) -> None:
        came = self._news.wait_for(lambda: condition() or self._gone, timeout_s)
        if not condition():
            said = bytes(self._out + self._err).decode(errors="replace")
            raise (
                VmEnded(f"{self}: {said}")
                if came
                else AssertionError(f"{self}: no {what!r} in {timeout_s:g} s:\n{said}")
            )


class Channel:
    """`connection` leads to the agent."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._running: dict[int, Running] = {}
        self._last = 0
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._ended = False
        self.state = ""
        """What systemd called the finished start: "running" or "degraded"."""
        threading.Thread(target=self._listen, daemon=True).start()
        self.send(id=0, now=time.time())

    def await_ready(self, timeout_s: float) -> None:
        """Raises TimeoutError, VmEnded."""
        if not self._ready.wait(timeout_s):
            raise TimeoutError(f"the VM was not ready in {timeout_s:g} s")
        if not self.state:
            raise VmEnded("before it was ready")

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        given: bytes = b"",
        environment: Mapping[str, str] | None = None,
        cwd: str = "/",
        timeout_s: float = 60.0,
    ) -> Running:
        """Starts a program as root; it is killed after `timeout_s`."""
        words = [str(word) for word in argv]
        with self._lock:
            self._last += 1
            running = self._running[self._last] = Running(self, self._last, words, timeout_s)
            if self._ended:
                running.end()
        stdin = base64.b64encode(given).decode()
        self.send(id=self._last, run=words, stdin=stdin, env=dict(environment or {}), cwd=cwd, timeout_s=timeout_s)
        return running

    def send(self, **asked: object) -> None:
        with self._lock:
            try:
                self._socket.sendall(json.dumps(asked).encode() + b"\n")
            except OSError as problem:
                raise VmEnded(str(problem)) from None

    def close(self) -> None:
        self._socket.close()

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    self._take(json.loads(line))
        except (OSError, ValueError):
            pass
        finally:
            self._end()

    def _take(self, told: dict[str, Any]) -> None:
        if "ready" in told:
            self.state = told["ready"]
            self._ready.set()
            return
        with self._lock:
            running = self._running.get(told["id"])
            if "exit" in told:
                self._running.pop(told["id"], None)
        if running is not None:
            running.take(told)

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            left = list(self._running.values())
        for running in left:
            running.end()
        self._ready.set()


def connected(path: Path) -> socket.socket | None:
    """A connection to the socket that qemu made; None while it does not listen there."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        return None
    return connection

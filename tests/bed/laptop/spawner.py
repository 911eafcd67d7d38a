"""Starts what systemd would start: the worker for every connection, and wireguard-go where the kernel has no WireGuard.

    python -I -S spawner.py CONFIGURATION.json

It runs as root inside a host, imports nothing of ours, and listens on up to two sockets:
- `worker.socket`: as a socket unit with Accept=yes does it. Each connection becomes descriptors 0 and 1 of a worker, as
  its own user, without capabilities. The environment is read anew each time from `worker.environment`, so that a test
  can change it between two requests.
- `wireguard_go.socket`: "create NAME" starts `wireguard-go -f NAME` as the one user who may ask, with CAP_NET_ADMIN, so
  that its control socket is that user's; the answer is "ok" when it listens, or "error TEXT". Deleting the interface
  ends it. Its folder must be left alone while it runs: wireguard-go watches it with a buffer of no size, so that any
  event there (a chmod, a second device) is an error to it, and it ends without a word.

Programs that end are collected; their standard error is this program's.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONTROL_SOCKETS = Path("/run/wireguard")
NAME = re.compile(r"[a-z][a-z0-9-]{0,14}")
LONGEST_START_S = 10.0
COLLECT_EVERY_S = 1.0

Answer = Callable[[socket.socket], None]


class Spawner:
    def __init__(self, configuration: dict[str, Any]) -> None:
        self._configuration = configuration
        self._children: list[subprocess.Popen[bytes]] = []

    def serve(self) -> None:
        offers: dict[str, Answer] = {"worker": self._worker, "wireguard_go": self._wireguard_go}
        with selectors.DefaultSelector() as selector:
            for name, answer in offers.items():
                if told := self._configuration.get(name):
                    selector.register(_listener(told["socket"], told["uid"]), selectors.EVENT_READ, answer)
            print("ready", flush=True)
            while True:
                for key, _ in selector.select(COLLECT_EVERY_S):
                    assert isinstance(key.fileobj, socket.socket)
                    connection, _ = key.fileobj.accept()
                    with connection:
                        key.data(connection)
                self._children = [child for child in self._children if child.poll() is None]

    def _worker(self, connection: socket.socket) -> None:
        told = self._configuration["worker"]
        command: list[str] = told["command"]
        descriptor = connection.fileno()
        environment: dict[str, str] = json.loads(Path(told["environment"]).read_text())
        self._children.append(
            subprocess.Popen(command, stdin=descriptor, stdout=descriptor, env={**os.environ, **environment})
        )

    def _wireguard_go(self, connection: socket.socket) -> None:
        connection.settimeout(2)
        try:
            word, _, name = connection.makefile().readline().strip().partition(" ")
            answer = self._create(name) if word == "create" and NAME.fullmatch(name) else "error no such order"
            connection.sendall(answer.encode() + b"\n")
        except OSError:
            return

    def _create(self, name: str) -> str:
        uid = self._configuration["wireguard_go"]["uid"]
        CONTROL_SOCKETS.mkdir(exist_ok=True)
        os.chown(CONTROL_SOCKETS, uid, uid)
        control = CONTROL_SOCKETS / f"{name}.sock"
        control.unlink(missing_ok=True)  # a killed one leaves its own
        child = subprocess.Popen(
            [*self._configuration["wireguard_go"]["identity"], "wireguard-go", "-f", name],
            env={**os.environ, "LOG_LEVEL": "error"},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )
        self._children.append(child)
        until = time.monotonic() + LONGEST_START_S
        while not _answers(control):
            if child.poll() is not None:
                return f"error wireguard-go ended with {child.returncode}"
            if time.monotonic() > until:
                child.kill()
                return "error wireguard-go does not answer"
            time.sleep(0.002)
        return "ok"


def _answers(control: Path) -> bool:
    """The file is there before anybody listens."""
    with socket.socket(socket.AF_UNIX) as asker:
        try:
            asker.connect(str(control))
        except OSError:
            return False
    return True


def _listener(path: str, uid: int) -> socket.socket:
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chown(path, uid, uid)
    Path(path).chmod(0o600)
    listener.listen(64)
    return listener


if __name__ == "__main__":
    Spawner(json.loads(Path(sys.argv[1]).read_text())).serve()

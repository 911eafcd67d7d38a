"""A worker in the daemon's reach that says what a test wants: the worst that a taken-over one could."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flexnetd.wire.worker import Request, read_request
from tests.bed.laptop.laptop import Laptop

PATH = "/run/bed/scripted-worker.sock"
ENVIRONMENT = {"FLEXNETD_WORKER_SOCKET": PATH}

Script = Callable[[Request, socket.socket], None]


class ScriptedWorker:
    """`script` is played for each connection, in a thread of its own; then the connection is closed. `requests` are
    those that came, `left` counts the daemons that hung up first."""

    def __init__(self, listener: socket.socket) -> None:
        self.requests: list[Request] = []
        self.script: Script = lambda _request, _connection: None
        self._listener = listener
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            request = read_request(connection.makefile("rb").readline())
            self.requests.append(request)
            self.script(request, connection)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(30)


@contextmanager
def scripted_worker(laptop: Laptop) -> Iterator[ScriptedWorker]:
    """Listens where a daemon started with ENVIRONMENT looks for its worker."""
    here = Path(f"/proc/{laptop.host.pid}/root{PATH}")
    here.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(here))
    here.chmod(0o666)
    listener.listen(8)
    worker = ScriptedWorker(listener)
    try:
        yield worker
    finally:
        worker.close()
        here.unlink(missing_ok=True)

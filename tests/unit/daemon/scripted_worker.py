"""A worker for parts that only ask: each request is answered by a function, in a thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed
from flexnetd.wire.worker import Request, Result, answer_line, read_request


class ScriptedWorker:
    """`answer` gives the result or fault for a request; `requests` are those that came."""

    def __init__(self, path: Path, answer: Callable[[Request], Result | Fault]) -> None:
        self.path = str(path)
        self.requests: list[Request] = []
        self.answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(4)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError, Malformed):
                request = read_request(connection.makefile("rb").readline())
                self.requests.append(request)
                connection.sendall(answer_line(self.answer(request)))

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

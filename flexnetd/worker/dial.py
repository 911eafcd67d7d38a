"""A TCP connection to whichever of several addresses answers first.

As RFC 8305 describes it: families take turns, the next address is tried when the one before has failed or a quarter of
a second has passed, and all that were begun stay in the race.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from flexnetd.worker.wait import WRITABLE, Wait

NEXT_ATTEMPT_S = 0.25


class NotConnected(Exception):  # noqa: N818 - a past fact
    """No address answered. `reasons` are the error names of those that refused ("ECONNREFUSED")."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__()
        self.reasons = frozenset(reasons)

    @property
    def no_route(self) -> bool:
        """True when this machine knows no way to any of them: it has no network."""
        return self.reasons == {"ENETUNREACH"}


def dial(addresses: Iterable[str], port: int, wait: Wait) -> socket.socket:
    """A connected, non-blocking socket without delay (Nagle). Raises NotConnected; Fault: CANCELLED."""
    race = _Race(in_turns(addresses), port)
    try:
        return race.winner(wait)
    finally:
        race.end()


def has_route() -> bool:
    """Whether this machine knows a way to anywhere. Sends nothing: a UDP socket's connect only looks for a route."""
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asker:
            if asker.connect_ex((address, 9)) == 0:
                return True
    return False


def in_turns(addresses: Iterable[str]) -> Iterator[str]:
    """The addresses, each once, the families taking turns; the family of the first begins."""
    distinct = tuple(dict.fromkeys(addresses))
    first = [a for a in distinct if (":" in a) == (":" in distinct[0])]
    other = [a for a in distinct if (":" in a) != (":" in distinct[0])]
    return (address for address in chain.from_iterable(zip_longest(first, other)) if address is not None)


class _Race:
    def __init__(self, addresses: Iterator[str], port: int) -> None:
        self._addresses = addresses
        self._port = port
        self._running: dict[int, socket.socket] = {}
        self._reasons: list[str] = []

    def winner(self, wait: Wait) -> socket.socket:
        more = self._begin_next()
        while more or self._running:
            try:
                ready = wait.ready(dict.fromkeys(self._running, WRITABLE), NEXT_ATTEMPT_S if more else None)
            except TimeoutError:
                break
            for descriptor in ready:
                runner = self._running.pop(descriptor)
                if self._arrived(runner):
                    return runner
            if more:
                more = self._begin_next()
        raise NotConnected(self._reasons)

    def end(self) -> None:
        for runner in self._running.values():
            runner.close()

    def _begin_next(self) -> bool:
        """Begins the next address that can be begun; False when there is none left."""
        for address in self._addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            runner = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
            try:
                status = runner.connect_ex((address, self._port))
            except OSError:  # not an address
                status = errno.EINVAL
            if status in {0, errno.EINPROGRESS}:
                self._running[runner.fileno()] = runner
                return True
            self._fail(runner, status)
        return False

    def _arrived(self, runner: socket.socket) -> bool:
        status = runner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if status:
            self._fail(runner, status)
            return False
        runner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return True

    def _fail(self, runner: socket.socket, status: int) -> None:
        runner.close()
        self._reasons.append(errno.errorcode.get(status, str(status)))

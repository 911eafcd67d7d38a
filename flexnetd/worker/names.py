"""Addresses of names, by the system's resolver.

getaddrinfo can neither be interrupted nor given a time, so it runs in a thread of its own, and the worker waits for the
thread as for everything else. A thread that is late is left behind; it ends with the process.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from flexnetd.worker.wait import READABLE, Wait

MOST_ADDRESSES = 16
_MOST_THREADS = 8
_STACK_BYTES = 256 * 1024


def is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def resolve(hosts: Iterable[str], wait: Wait) -> Mapping[str, tuple[str, ...]]:
    """The addresses of each host, IPv6 and IPv4, in the resolver's order; () for a host that has none, or whose answer
    did not come before `wait` ended. A literal address is its own. Raises Fault: CANCELLED."""
    found: dict[str, tuple[str, ...]] = {host: (host,) if is_literal(host) else () for host in hosts}
    asked = [host for host, addresses in found.items() if not addresses]
    return found | _ask(asked, wait) if asked else found


def _ask(hosts: list[str], wait: Wait) -> dict[str, tuple[str, ...]]:
    questions, answers = deque(hosts), dict[str, tuple[str, ...]]()
    rung = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def work() -> None:
        while questions:
            try:
                host = questions.popleft()
            except IndexError:
                return
            answers[host] = _addresses(host)
            os.eventfd_write(rung, 1)

    threading.stack_size(_STACK_BYTES)
    for _ in range(min(len(hosts), _MOST_THREADS)):
        threading.Thread(target=work, daemon=True).start()
    try:
        while len(answers) < len(hosts):
            wait.until(rung, READABLE)
            os.eventfd_read(rung)
    except TimeoutError:
        pass  # what has come is told; the bell stays open for the threads that are late
    return dict(answers)


def _addresses(host: str) -> tuple[str, ...]:
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(info[4][0]) for info in infos))[:MOST_ADDRESSES]

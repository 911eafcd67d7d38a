"""Talks over one TCP connection until its input ends: a line every 100 ms, each to be echoed. Then prints how many came
back and the longest time, in milliseconds, for which none did.

    python -m tests.integration.networks.talker ADDRESS PORT
"""

from __future__ import annotations

import select
import socket
import sys
import time
from typing import TextIO

INTERVAL_S = 0.1
LAST_ECHO_WITHIN_S = 15.0


def main() -> None:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as line:
        line.setblocking(False)
        print("ready", flush=True)
        echoed, longest_s = talk(line)
    print(echoed, round(longest_s * 1000), flush=True)


def talk(line: socket.socket) -> tuple[int, float]:
    sent = received = 0
    longest_s, last = 0.0, time.monotonic()
    ends_at = float("inf")
    while not (ends_at < float("inf") and received >= sent) and time.monotonic() < ends_at:
        watched: list[socket.socket | TextIO] = [line] if ends_at < float("inf") else [line, sys.stdin]
        readable, _, _ = select.select(watched, [], [], INTERVAL_S)
        if line in readable:
            echo = line.recv(65536)
            if not echo:
                raise SystemExit("the connection was closed")
            received += len(echo)
            longest_s, last = max(longest_s, time.monotonic() - last), time.monotonic()
        if sys.stdin in readable:
            ends_at = time.monotonic() + LAST_ECHO_WITHIN_S
        elif not readable and ends_at == float("inf"):
            sent += line.send(b"x" * 128)
    return received, max(longest_s, time.monotonic() - last)


if __name__ == "__main__":
    main()

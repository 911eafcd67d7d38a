"""Talks over one TCP connection: a line every 100 ms, each to be echoed. Is ready when the first came back. When its
input ends it says one line more, awaits every echo and prints the longest time, in milliseconds, for which none came.

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
LINE = b"x" * 128


def main() -> None:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as line:
        line.sendall(LINE)
        receive(line)
        print("ready", flush=True)
        print(round(1000 * longest_silence_s(line)), flush=True)


def longest_silence_s(line: socket.socket) -> float:
    line.setblocking(False)
    sent = received = 0
    longest_s, last = 0.0, time.monotonic()
    ends_at = float("inf")
    while (ends_at == float("inf") or received < sent) and time.monotonic() < ends_at:
        watched: list[socket.socket | TextIO] = [line] if ends_at < float("inf") else [line, sys.stdin]
        readable, _, _ = select.select(watched, [], [], INTERVAL_S)
        if line in readable:
            received += receive(line)
            longest_s, last = max(longest_s, time.monotonic() - last), time.monotonic()
        if sys.stdin in readable:
            ends_at = time.monotonic() + LAST_ECHO_WITHIN_S
        if sys.stdin in readable or (not readable and ends_at == float("inf")):
            sent += line.send(LINE)
    return max(longest_s, time.monotonic() - last)


def receive(line: socket.socket) -> int:
    echo = line.recv(65536)
    if not echo:
        raise SystemExit("the connection was closed")
    return len(echo)


if __name__ == "__main__":
    main()

"""Sends an ICMP echo every 50 ms until its input ends; then prints how many were sent and how many answered.

`ping` itself cannot be run by a process without any capability to gain, since its file has one.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from typing import TextIO

INTERVAL_S = 0.05
LAST_ANSWER_WITHIN_S = 2.0
_ECHO = 8


def main() -> None:
    answered: set[int] = set()
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as echo:
        echo.connect((sys.argv[1], 0))
        print("ready", flush=True)
        ends_at = float("inf")
        next_at = time.monotonic()
        while time.monotonic() < ends_at and not (ends_at < float("inf") and len(answered) == sent):
            if time.monotonic() >= next_at and ends_at == float("inf"):
                echo.send(bytes([_ECHO, 0, 0, 0, 0, 0]) + sent.to_bytes(2, "big"))
                sent += 1
                next_at += INTERVAL_S
            watched: list[socket.socket | TextIO] = [echo] if ends_at < float("inf") else [echo, sys.stdin]
            readable, _, _ = select.select(watched, [], [], max(0.0, min(next_at - time.monotonic(), INTERVAL_S)))
            if echo in readable:
                answered.add(int.from_bytes(echo.recv(64)[6:8], "big"))
            if sys.stdin in readable:
                ends_at = time.monotonic() + LAST_ANSWER_WITHIN_S
    print(sent, len(answered), flush=True)


if __name__ == "__main__":
    main()

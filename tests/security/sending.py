"""What tests run in a host to put packets on the wire."""

from __future__ import annotations

import errno
import select
import socket
import sys
import time

PORT = 40999
"""Nobody listens there."""

HEADER = 8
"""Of UDP."""


def send(address: str, count: int = 3, source: str = "", port: int = PORT) -> list[str]:
    """What became of each packet, for its sender: "" or the errno's name."""
    outcomes = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        if source:
            sender.bind((source, 0))
        for _ in range(count):
            try:
                sender.sendto(b"secret", (address, port))
            except OSError as wrong:
                outcomes.append(errno.errorcode[wrong.errno or 0])
            else:
                outcomes.append("")
    return outcomes


def main() -> None:
    """`sending.py ADDRESS PORT`: a numbered packet every millisecond, until the input ends; then the numbers that were
    refused."""
    number = 0
    refused = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0)[0]:
            try:
                sender.sendto(number.to_bytes(4, "big"), (sys.argv[1], int(sys.argv[2])))
            except OSError:
                refused.append(number)
            number += 1
            time.sleep(0.001)
    print(*refused, flush=True)


if __name__ == "__main__":
    main()

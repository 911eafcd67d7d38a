"""Somebody's programs that send all the time, whether the network is there or not: an ICMP echo every 20 ms.

python -m tests.bench.sender ADDRESS
"""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress

INTERVAL_S = 0.02
ECHO = bytes((8, 0, 0, 0, 0, 0, 0, 0))


def main() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as echo:
        print("sending", flush=True)
        while True:
            with suppress(OSError):
                echo.sendto(ECHO, (sys.argv[1], 0))
            time.sleep(INTERVAL_S)


if __name__ == "__main__":
    main()

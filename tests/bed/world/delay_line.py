"""Holds frames back between two interfaces, as a long cable does. Run: `delay_line.py ONE OTHER DELAY_MS`.

Not every kernel that runs the tests has netem; this works on all of them in the same way. Frames pass as the kernel
made them, with their virtio header: checksums that the card would fill in, and segments that it would cut, stay as they
are. Order is kept. The queue is bounded by time alone: what a TCP window sends in one delay.
"""

from __future__ import annotations

import collections
import contextlib
import select
import socket
import sys
import time

SOL_PACKET, PACKET_VNET_HDR, PACKET_IGNORE_OUTGOING = 263, 15, 23
ETH_P_ALL = 3
LONGEST_FRAME = 70_000

Queue = collections.deque[tuple[float, bytes]]


def main() -> None:
    one, other = _tap(sys.argv[1]), _tap(sys.argv[2])
    delay_s = float(sys.argv[3]) / 1000
    onward = {one: other, other: one}
    queues: dict[socket.socket, Queue] = {one: collections.deque(), other: collections.deque()}
    print("ready", flush=True)
    while True:
        due = min((queue[0][0] for queue in queues.values() if queue), default=None)
        timeout_s = None if due is None else max(0.0, due - time.monotonic())
        readable, _, _ = select.select(list(queues), [], [], timeout_s)
        for source in readable:
            _take(source, queues[onward[source]], delay_s)
        for target, queue in queues.items():
            _give(target, queue)


def _tap(interface: str) -> socket.socket:
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    tap.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    tap.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    tap.bind((interface, ETH_P_ALL))
    tap.setblocking(False)
    return tap


def _take(source: socket.socket, queue: Queue, delay_s: float) -> None:
    due = time.monotonic() + delay_s
    with contextlib.suppress(OSError):  # nothing more there, or the cable is pulled
        while True:
            queue.append((due, source.recv(LONGEST_FRAME)))


def _give(target: socket.socket, queue: Queue) -> None:
    now = time.monotonic()
    while queue and queue[0][0] <= now:
        _, frame = queue.popleft()
        with contextlib.suppress(OSError):  # a cable that is pulled loses frames
            target.send(frame)


if __name__ == "__main__":
    main()

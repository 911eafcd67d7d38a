"""So many changes of a host's network that who watches it and does not read loses some: ENOBUFS at its next reading.

The changes are real and undo themselves: routes to nowhere, in the network for benchmarks (RFC 2544). Routes, because
wireguard-go watches addresses and ends when it loses one.
"""

from __future__ import annotations

from tests.bed.world.host import Host

CHANGES = 12_000
"""Each takes some 700 bytes of a watcher's buffer; ours hold a mebibyte or two."""


def flood(host: Host) -> None:
    lines = []
    for number in range(CHANGES // 2):
        prefix = f"198.18.{number // 250}.{number % 250 + 1}/32"
        lines += [f"route add blackhole {prefix}", f"route del blackhole {prefix}"]
    host.run(["ip", "-batch", "-"], stdin="\n".join(lines), timeout_s=60)


def lost(host: Host, pid: int) -> int:
    """How many messages the netlink sockets of that program have lost so far (proc's "Drops")."""
    inodes = host.run(
        ["sh", "-c", f"ls -l /proc/{pid}/fd | sed -n 's/.*socket:\\[\\([0-9]*\\)\\].*/\\1/p'"]
    ).stdout.split()
    table = host.run(["cat", "/proc/net/netlink"]).stdout.splitlines()[1:]
    return sum(int(fields[8]) for line in table if (fields := line.split())[9] in inodes)

"""A private key that was sent to the kernel and wiped is nowhere in the process any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WRITER = """
import os, sys
from flexnetd.model.secret import SecretBytes
from flexnetd.wireguard.device import DeviceChange, PeerChange
from flexnetd.wireguard.messages import set_payload

secret = SecretBytes(bytes(32))
with open("/dev/urandom", "rb", 0) as source:
    source.readinto(secret._buffer)
os.writev(1, [secret._buffer])
peer = PeerChange(bytes(32), preshared_key=secret)
payload = set_payload("flexnet0", DeviceChange(private_key=secret, peers=(peer,)))
assert payload.count(secret._buffer) == 2
payload[:] = bytes(len(payload))
if "wipe" in sys.argv:
    secret.wipe()
os.write(1, b"done")
os.read(0, 1)
"""


def copies_left(*arguments: str) -> int:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        key = writer.stdout.read(32)
        assert writer.stdout.read(4) == b"done"
        found = occurrences(writer.pid, key)
        writer.stdin.write(b"x")
    return found


def occurrences(pid: int, needle: bytes) -> int:
    """In all of the process's memory. The first bytes of a freed block are overwritten, so its middle is looked for."""
    found = 0
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if "w" not in rights or "[v" in line:
                continue
            start, end = (int(number, 16) for number in span.split("-"))
            memory.seek(start)
            found += memory.read(end - start).count(needle[8:24])
    return found


def test_no_copy_of_the_key_stays_behind() -> None:
    assert copies_left("wipe") == 0


def test_a_key_that_was_not_wiped_would_be_found() -> None:
    assert copies_left() == 1

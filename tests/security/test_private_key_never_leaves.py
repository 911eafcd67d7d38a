"""Mozilla VPN had the private key in JSON on D-Bus. Here it is in the kernel (or its stand-in) only: a bus monitor over
a full run, the disk, the logs, the portal's side and the daemon's own memory do not hold it, in any spelling."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world


SPELLINGS = ("bytes", "base64", "hex", "HEX")


def spellings(key: bytes) -> list[bytes]:
    return [key, base64.b64encode(key), key.hex().encode(), key.hex().upper().encode()]


def private_key(member: Member) -> bytes:
    """As root alone can have it."""
    shown = member.laptop.host.run(["wg", "show", "flexnet0", "private-key"]).stdout.strip()
    return base64.b64decode(shown)


def holds_it(data: bytes, key: bytes) -> bool:
    return any(spelling in data for spelling in spellings(key))


def files_under(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_neither_bus_nor_disk_nor_log_nor_portal_sees_it(member: Member, anna: Person) -> None:
    monitor = member.laptop.host.popen(["busctl", "monitor", "--system"], stdout=subprocess.PIPE)
    assert monitor.stdout is not None
    assert member.sign_in(anna) == ""
    key = private_key(member)
    assert len(key) == 32
    assert anna.finished(anna.renew(PROFILE)) == ""
    record = Path(f"/proc/{member.laptop.host.pid}/root/run/flexnetd/session")
    assert record.exists()
    assert not holds_it(record.read_bytes(), key)
    anna.disconnect(PROFILE)
    monitor.terminate()
    seen = monitor.communicate(timeout=10)[0]
    assert b"PropertiesChanged" in seen
    assert not holds_it(seen, key)
    for file in files_under(member.world.folder):
        assert not holds_it(file.read_bytes(), key), file


def memory_of(pid: int) -> bytes:
    """Everything that the process can write to: its heap, stacks and buffers."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, permissions, *_ = line.split()
            if permissions.startswith("rw"):
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


def test_core_and_swap_hold_no_key(member: Member, anna: Person) -> None:
    """The row of that name: whatever a core or a swapped page of the running daemon could hold."""
    assert member.sign_in(anna) == ""
    key = private_key(member)
    memory = memory_of(member.laptop.daemon.pid)
    assert b"flexnetd" in memory
    assert [name for name, spelling in zip(SPELLINGS, spellings(key), strict=True) if spelling in memory] == []
    limits = Path(f"/proc/{member.laptop.daemon.pid}/limits").read_text()
    assert limits.partition("Max core file size")[2].split()[:2] == ["0", "0"]

"""A core of the running daemon, or a page of it in swap, does not hold the private key: not even in freed memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.private_key import SPELLINGS, private_key, spellings

pytestmark = pytest.mark.world


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


def test_no_spelling_of_the_key_is_in_the_daemons_memory(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    key = private_key(member)
    memory = memory_of(member.laptop.daemon.pid)
    assert b"flexnetd" in memory
    assert [name for name, spelling in zip(SPELLINGS, spellings(key), strict=True) if spelling in memory] == []
    limits = Path(f"/proc/{member.laptop.daemon.pid}/limits").read_text()
    assert limits.partition("Max core file size")[2].split()[:2] == ["0", "0"]

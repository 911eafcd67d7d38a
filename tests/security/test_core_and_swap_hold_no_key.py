"""A core of the running daemon, or a page of it in swap, does not hold the private key: not even in freed memory."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.private_key import private_key

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


def traces(member: Member) -> list[str]:
    """The spellings of the key that are in the daemon's memory. Of the hexadecimal one only the test bed's user-space
    WireGuard makes use, whose protocol tells the private key with every answer: it is no part of the product."""
    key = private_key(member)
    memory = memory_of(member.laptop.daemon.pid)
    assert b"flexnetd" in memory
    # The first bytes of a freed block are overwritten: so its middle is looked for.
    middles = {"bytes": key[8:24], "base64": base64.b64encode(key)[8:36]}
    return [name for name, middle in middles.items() if middle in memory]


def test_no_spelling_of_the_key_is_in_the_daemons_memory(member: Member, anna: Person) -> None:
    assert member.sign_in(anna) == ""
    assert traces(member) == []


def test_no_core_is_written(member: Member) -> None:
    limits = Path(f"/proc/{member.laptop.daemon.pid}/limits").read_text()
    assert limits.partition("Max core file size")[2].split()[:2] == ["0", "0"]

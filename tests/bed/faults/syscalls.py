"""Watches a running program's system calls from outside, and kills it as it is about to make a certain one.

    with recorded(daemon.pid) as calls:             # what it does when it does this
        ...
    with killed_at(daemon.pid, calls[7]) as ended:  # the same again; the power fails before the eighth call
        ...

By `strace`, attached as root: the program is the product's, unchanged. A call's number counts the calls of that name of
its thread since the watching began; whichever thread comes to that number first dies with all others, by SIGKILL and
before the kernel has begun the call (strace(1), "inject").
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bed.await_ import until

CHANGING = (
    *("sendto", "sendmsg", "write", "?mkdir", "?rename", "renameat", "renameat2", "?unlink", "unlinkat", "fsync"),
    *("?vfork", "clone3"),
)
"""Whatever can change something outside the program. Not every kernel has those with a question mark."""

_LINE = re.compile(r"(\d+) +([a-z0-9_]+)\((.*)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_LONGEST_STRING = "512"


@dataclass(frozen=True, slots=True)
class Call:
    """`data` is what its texts hold, one after the other: names, and what is written or sent."""

    name: str
    number: int
    data: bytes

    def __str__(self) -> str:
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in self.data[:120])
        return f"{self.name} number {self.number}: {shown}"


@contextmanager
def recorded(pid: int, names: Sequence[str] = CHANGING) -> Iterator[list[Call]]:
    """The calls in order; there when the block has ended."""
    calls: list[Call] = []
    with _attached(pid, names) as log:
        yield calls
    calls += read_calls(log.read_text())
    log.unlink()


@contextmanager
def killed_at(pid: int, call: Call) -> Iterator[None]:
    """The program is dead when the block has ended, if it made the call in it; otherwise it goes on unwatched."""
    with _attached(pid, (call.name,), f"--inject={call.name}:signal=KILL:when={call.number}") as log:
        yield
    log.unlink()


def read_calls(log: str) -> list[Call]:
    """Of a log by `strace -f -xx`. The rest of an interrupted call, a signal and an exit are no calls."""
    counted: Counter[tuple[str, str]] = Counter()
    calls = []
    for line in log.splitlines():
        if found := _LINE.match(line):
            thread, name, arguments = found.groups()
            counted[thread, name] += 1
            calls.append(Call(name, counted[thread, name], _texts(arguments)))
    return calls


def _texts(arguments: str) -> bytes:
    return b"".join(bytes.fromhex(text.replace("\\x", "")) for text in _STRING.findall(arguments))


@contextmanager
def _attached(pid: int, names: Sequence[str], *more: str) -> Iterator[Path]:
    """strace at all threads of the program; it lets go at the end of the block. Where it writes what it saw."""
    with tempfile.NamedTemporaryFile(prefix="flexnet-bed-strace-", delete=False) as file:
        log = Path(file.name)
    watched = ["-f", "-xx", "-s", _LONGEST_STRING, "-o", str(log), f"--trace={','.join(names)}", *more]
    with tempfile.TemporaryFile() as said:
        tracer = subprocess.Popen(["strace", *watched, "-p", str(pid)], stdin=subprocess.DEVNULL, stderr=said)

        def attached() -> bool:
            said.seek(0)
            assert tracer.poll() is None, said.read().decode()
            return b" attached" in said.read()

        try:
            until(attached, 10, "strace to be attached")
            yield log
        finally:
            if tracer.poll() is None:
                tracer.terminate()
            tracer.wait(10)

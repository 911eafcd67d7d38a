"""A program dies exactly where it was told to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.faults.syscalls import Call, killed_at, read_calls, recorded

WRITER = """
import os, sys
for line in sys.stdin:
    for number in range(3):
        os.close(os.open(f"{line.strip()}{number}", os.O_CREAT | os.O_WRONLY))
        os.rename(f"{line.strip()}{number}", f"{line.strip()}{number}.done")
    print("done", flush=True)
"""


class Writer:
    """Makes and renames three files for each line that it is told."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", WRITER]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write(self, prefix: Path) -> bytes:
        """Its answer; b"" when it died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{prefix}\n".encode())
        self.process.stdin.flush()
        return self.process.stdout.readline()


@pytest.fixture
def writer() -> Iterator[Writer]:
    made = Writer()
    yield made
    made.process.kill()
    made.process.communicate()


def test_what_it_does_is_told_in_order_with_its_texts(writer: Writer, tmp_path: Path) -> None:
    writer.write(tmp_path / "before")
    with recorded(writer.process.pid) as calls:
        writer.write(tmp_path / "a")
    renames = [call for call in calls if call.name.startswith("rename")]
    assert [call.number for call in renames] == [1, 2, 3]
    assert [call.data for call in renames] == [f"{tmp_path}/a{n}{tmp_path}/a{n}.done".encode() for n in range(3)]
    assert writer.write(tmp_path / "b") == b"done\n"


def test_it_dies_before_the_call_and_not_a_step_later(writer: Writer, tmp_path: Path) -> None:
    with recorded(writer.process.pid) as calls:
        writer.write(tmp_path / "a")
    second = [call for call in calls if call.name.startswith("rename")][1]
    with killed_at(writer.process.pid, second):
        assert writer.write(tmp_path / "b") == b""
    assert writer.process.wait(5) == -9
    assert sorted(path.name for path in tmp_path.glob("b*")) == ["b0.done", "b1"]


def test_what_never_makes_the_call_goes_on(writer: Writer, tmp_path: Path) -> None:
    with killed_at(writer.process.pid, Call("rename", 40, b"")):
        assert writer.write(tmp_path / "a") == b"done\n"
    assert writer.write(tmp_path / "b") == b"done\n"


def test_calls_are_counted_by_thread_and_name() -> None:
    log = (
        '7 write(1, "\\x61\\x62", 2) = 2\n8 write(1, "\\x63", 1) = 1\n7 <... poll resumed>) = 1\n'
        '7 --- SIGCHLD {si_signo=SIGCHLD} ---\n7 write(1, "\\x64", 1 <unfinished ...>\n8 +++ exited with 0 +++\n'
    )
    assert read_calls(log) == [Call("write", 1, b"ab"), Call("write", 1, b"c"), Call("write", 2, b"d")]

"""A qemu that runs, and the way to the agent in it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bed.await_ import until
from tests.bed.vm.channel import Channel, VmEnded, connected
from tests.bed.vm.qemu import AGENT_PORT

STARTED_S = 60.0
SERIAL = "serial"
"""In the VM's folder: what its kernel says."""


@contextmanager
def started(line: Sequence[str], folder: Path, ready_s: float) -> Iterator[Channel]:
    """Runs qemu's command line; the channel leads to an agent that is ready. Raises RuntimeError with what was said."""
    with (folder / "qemu").open("wb") as said:
        program = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={"PATH": os.environ.get("PATH", ""), "TMPDIR": str(folder)},
        )
    try:
        channel = _channel(program, folder)
        try:
            _await_ready(channel, folder, ready_s)
            yield channel
        finally:
            channel.close()
    finally:
        program.kill()  # there is nothing in it that would want to be shut down
        program.wait()


def _channel(program: subprocess.Popen[bytes], folder: Path) -> Channel:
    path = folder / f"{AGENT_PORT}.sock"
    found: list[socket.socket] = []

    def there() -> bool:
        found.extend(filter(None, [connected(path)]))
        return bool(found) or program.poll() is not None

    until(there, STARTED_S, "qemu to start")
    if not found:
        raise RuntimeError(f"qemu did not start:\n{_said(folder)}")
    return Channel(found[0])


def _await_ready(channel: Channel, folder: Path, within_s: float) -> None:
    try:
        channel.await_ready(within_s)
    except (TimeoutError, VmEnded) as problem:
        raise RuntimeError(f"{problem}\n{_said(folder)}") from None


def _said(folder: Path) -> str:
    """The ends of what qemu and the kernel said."""
    files = [folder / "qemu", folder / SERIAL]
    return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())

"""A demo that is interrupted ends what it began."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.world import guardian
from tests.bed.world.world import CHECKOUT_HERE, PARENT

pytestmark = pytest.mark.world


def worlds() -> set[Path]:
    return set(PARENT.glob(f"{guardian.FOLDER_PREFIX}*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_demo_leaves_nothing(number: signal.Signals) -> None:
    command = [sys.executable, "-u", "-m", "tests.demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT_HERE) as demo:
        assert demo.stdout is not None
        ours = until(lambda: world_of(demo.pid), 20, "the demo's world")
        for line in demo.stdout:
            if "the world stands" in line:
                break
        start = time.monotonic()
        demo.send_signal(number)
        demo.stdout.read()
        assert demo.wait(10) == (-signal.SIGKILL if number is signal.SIGKILL else 130)
    until(lambda: not ours.exists(), what="the world's end")
    assert time.monotonic() - start < 10


def world_of(pid: int) -> Path | None:
    """The world whose maker is the child of `pid`."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for world in worlds():
        try:
            record = (world / "record.json").read_text()
        except OSError:
            continue
        if any(f'"maker_pid": {child},' in record for child in children):
            return world
    return None

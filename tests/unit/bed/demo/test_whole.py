"""The demo as whoever runs `make demo` sees it, and the world that KEEP=1 leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.world.world import CHECKOUT_HERE
from tests.demo.report import FILE
from tests.demo.stage import ANNA
from tests.unit.bed.demo.test_report import SCHEMA, assert_fits

pytestmark = pytest.mark.world

TEXT = "Es ist geschafft – „ja“!"


def test_every_step_passes_and_the_world_can_be_played_in_until_it_is_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo"],
        cwd=CHECKOUT_HERE,
        env={**os.environ, "PAGE_TEXT": TEXT, "KEEP": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    kept = re.search(r"export PATH=(\S+/bin):", done.stdout)
    keeper = re.search(r"  kill (\d+) ", done.stdout)
    assert kept, done.stdout + done.stderr
    assert keeper
    try:
        assert done.returncode == 0, done.stdout
        assert f"says: {TEXT}\n" in done.stdout
        the_report_tells_the_same()
        somebody_plays(Path(kept[1]))
    finally:
        os.kill(int(keeper[1]), signal.SIGTERM)
    until(lambda: not Path(kept[1]).parent.exists(), what="the kept world to be gone")


def the_report_tells_the_same() -> None:
    report = json.loads(FILE.read_text())
    assert_fits(report, SCHEMA)
    assert report["outcome"] == "passed"
    assert report["page_text"] == TEXT
    assert all(step["elapsed_s"] > 0 for step in report["steps"])
    assert report["steps"][1]["measures"]["touch_to_online_s"] > 0


def somebody_plays(commands: Path) -> None:
    def played(*words: str, typed: str = "") -> str:
        command = [str(commands / words[0]), *words[1:]]
        done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout + done.stderr

    assert "Not signed in" in played("alice", "flexnet", "status")
    assert "Connected" in played("alice", "flexnet", "sign-in", typed=f"{ANNA.name}\n{ANNA.password}\n")
    assert played("alice", "curl", "-sS", "http://kvsaonline.intranet.example/") == TEXT
    assert "could not" in played("bob", "curl", "-sS", "http://10.88.0.80/").lower().replace("couldn't", "could not")
    assert "latest handshake" in played("on-gateway", "wg", "show", "gw0")
    assert len(json.loads(played("key", "press", "slot=1"))) == 45
    assert "Signed out" in played("alice", "flexnet", "sign-out")

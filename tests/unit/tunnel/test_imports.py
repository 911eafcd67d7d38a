"""What the daemon loads at its start, before there is a tunnel, does not bring the netlink codec."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIGHT = ("marks", "spec", "leftovers", "grant_check")


@pytest.mark.parametrize("module", LIGHT)
def test_light(module: str) -> None:
    script = f"import sys, flexnetd.tunnel.{module}; print(any(name.startswith('pyroute2') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

"""Everything that reads or writes netlink messages, tried again with the pyroute2 of Debian 12 and of Debian 13. All
other tests have the newest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.world

CHECKOUT = Path(__file__).parents[3]
LISTS = CHECKOUT / "packaging/development/pyroute2"
VERSIONS = sorted(path.stem for path in LISTS.glob("*.txt"))
TRIED = [
    "tests/unit/netlink",
    "tests/unit/wireguard",
    "tests/integration/wireguard/test_kernel.py",
    "tests/integration/wireguard/test_key_in_memory.py",
    "tests/integration/wireguard/test_links.py",
    "tests/integration/wireguard/test_user_space.py",
    "tests/integration/tunnel/test_routes.py",
    "tests/integration/tunnel/test_watch.py",
]


def with_version(version: str, *arguments: str) -> str:
    """What Python says that finds this pyroute2 before any other."""
    folder = Path(sys.prefix) / "pyroute2" / version
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_both_debians_are_there() -> None:
    assert VERSIONS == ["0.7.2", "0.7.7"]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_codec_works_with(version: str) -> None:
    where = "import flexnetd.netlink.codec as codec; print(codec._netlink.__file__)"
    assert f"/pyroute2/{version}/" in with_version(version, "-c", where)
    with_version(version, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TRIED)

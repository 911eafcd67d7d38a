"""systemd's own udev reads our rule and says what it would do with a YubiKey's nodes.

In a mount namespace with a /run, a /dev and a group file of its own: `udevadm test` writes there.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.yubikey.plugged_key import PluggedKey

RULES = Path(__file__).parents[4] / "systemd" / "udev" / "70-flexnetd.rules"
GROUP_ID = 4711
SCRIPT = f"""
mount -t tmpfs none /run
mkdir -p /run/udev/rules.d
touch /run/null
mount --bind /dev/null /run/null
mount -t tmpfs none /dev
touch /dev/null
mount --bind /run/null /dev/null
cp "$1" /run/udev/rules.d/
cp /etc/group /run/group
echo flexnetd-worker:x:{GROUP_ID}: >>/run/group
mount --bind /run/group /etc/group
exec udevadm test --action="$2" "$3" 2>&1
"""


def udev_says(key: PluggedKey, action: str, syspath: str) -> str:
    root = Path(key.environment["UMOCKDEV_DIR"])
    place = "/" + str((root / syspath.lstrip("/")).resolve().relative_to(root))
    command = ["unshare", "-m", "sh", "-e", "-c", SCRIPT, "sh", str(RULES), action, place]
    environment = os.environ | key.environment | {"SYSTEMD_LOG_LEVEL": "debug"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert "70-flexnetd.rules" in ran.stdout, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def key() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in() as key:
        yield key


def ours(told: str) -> list[int]:
    """The numbers that lines of our file set, in octal where they begin with 0: group, mode."""
    lines = (line.rpartition("70-flexnetd.rules:")[2] for line in told.splitlines() if "flexnetd.rules:" in line)
    numbers = [number for line in lines for number in re.findall(r"\d+", line.partition(" ")[2])]
    return [int(number, 8 if number.startswith("0") else 10) for number in numbers]


def test_the_workers_group_may_open_the_hidraw_node_and_nobody_else(key: PluggedKey) -> None:
    told = udev_says(key, "add", "/sys/class/hidraw/hidraw0")
    assert ours(told) == [GROUP_ID, 0o660]


def test_whoever_sits_at_the_machine_keeps_the_key(key: PluggedKey) -> None:
    """The distribution's rule tags the node for them; ours comes between and leaves the tag."""
    told = [line.strip() for line in udev_says(key, "add", "/sys/class/hidraw/hidraw0").splitlines()]
    assert "uaccess" in next(line for line in told if line.startswith("TAGS="))


def test_the_usb_node_is_left_alone(key: PluggedKey) -> None:
    assert ours(udev_says(key, "add", "/sys/bus/usb/devices/1-1")) == []


def test_nothing_is_done_at_a_removal(key: PluggedKey) -> None:
    assert ours(udev_says(key, "remove", "/sys/class/hidraw/hidraw0")) == []

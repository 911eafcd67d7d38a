"""The far end as tests and the demo use it: a process that shows keys and is scripted through a socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.yubikey.plugged_key import Control, PluggedKey

PROJECT = Path(__file__).parents[4]
SECRET = bytes(range(20))


@pytest.fixture(scope="module")
def key() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in() as key:
        yield key


def listed(key: PluggedKey, path: str) -> list[str]:
    ran = subprocess.run(["ls", path], env=os.environ | key.environment, capture_output=True, text=True, check=False)
    return ran.stdout.split()


def test_a_key_is_there_well_before_a_second_and_leaves_nothing() -> None:
    began_s = time.monotonic()
    with PluggedKey.plugged_in() as key:
        assert time.monotonic() - began_s < 1
        root = Path(key.environment["UMOCKDEV_DIR"])
        assert root.is_dir()
    assert not root.exists()


def test_pulling_takes_the_nodes_away_and_plugging_brings_them_back(key: PluggedKey) -> None:
    assert "hidraw0" in listed(key, "/dev")
    key.pull()
    assert "hidraw0" not in listed(key, "/dev")
    assert listed(key, "/sys/class/hidraw") == []
    assert not key.state().plugged
    assert key.press(1) == ""
    key.plug()
    assert listed(key, "/sys/class/hidraw") == ["hidraw0"]


def test_the_last_test_can_count_on_the_next_plugging_being_another(key: PluggedKey) -> None:
    before = listed(key, "/sys/bus/hid/devices")
    key.pull()
    key.plug()
    assert listed(key, "/sys/bus/hid/devices") != before


def test_slots_are_programmed_and_emptied_while_it_is_plugged_in(key: PluggedKey) -> None:
    key.program_otp(1, bytes(6), b"secret", bytes(16))
    key.program_hotp(2, SECRET)
    assert key.state().slots == {"1": "yubico-otp", "2": "oath-hotp"}
    assert len(key.press(1)) == 45
    assert len(key.press(2)) == 7
    key.empty(1)
    key.program_hmac(2, SECRET)
    assert key.state().slots == {"2": "hmac-sha1"}


def test_a_finger_without_a_blink_touches_nothing(key: PluggedKey) -> None:
    assert not key.touch()
    with pytest.raises(TimeoutError):
        key.wait_until_blinking(0.01)


def test_a_second_key_has_a_node_of_its_own(key: PluggedKey) -> None:
    other = key.another(22222222)
    assert listed(key, "/sys/class/hidraw") == ["hidraw0", "hidraw1"]
    other.program_otp(1, b"", b"secret", bytes(16))
    assert other.state().serial == 22222222
    assert len(other.press(1)) == 33
    other.pull()


def test_only_whom_the_modes_permit(key: PluggedKey) -> None:
    node = Path(key.environment["UMOCKDEV_DIR"]) / "dev" / "hidraw0"
    key.permit(0o600)
    assert node.stat().st_mode & 0o777 == 0o600
    key.pull()
    key.plug()
    assert node.stat().st_mode & 0o777 == 0o600
    key.permit(0o666)
    assert node.stat().st_mode & 0o777 == 0o666


def test_an_order_without_sense_is_answered_and_changes_nothing(key: PluggedKey) -> None:
    with pytest.raises(RuntimeError, match="configure: ValueError: unknown kind"):
        key._control.do("configure", slot=1, kind="teapot")
    with pytest.raises(RuntimeError, match="fly: KeyError"):
        key._control.do("fly")
    with pytest.raises(RuntimeError, match="trouble: ValueError"):
        key.trouble("toil")
    assert key.state().plugged


def test_the_command_line_starts_one_and_gives_it_orders(tmp_path: Path) -> None:
    control = tmp_path / "control"
    command = [sys.executable, "-m", "tests.bed.yubikey", "--control", str(control)]
    far_end = subprocess.Popen([*command, "--serial", "7"], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with far_end:
        assert far_end.stdout
        ready = json.loads(far_end.stdout.readline())
        assert ready["environment"]["UMOCKDEV_DIR"]
        order = [*command, "--do", "configure", "slot=2", "kind=hmac-sha1", f"secret={SECRET.hex()}"]
        subprocess.run(order, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        with Control(control) as connection:
            assert connection.do("state")["slots"] == {"2": "hmac-sha1"}
            assert connection.do("environment") == ready["environment"]
        far_end.terminate()
        assert far_end.wait() == 0
    assert not control.exists()
    assert not Path(ready["environment"]["UMOCKDEV_DIR"]).exists()

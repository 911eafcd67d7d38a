"""Programs that nobody here wrote take the software key's FIDO2 application for a real one: libfido2's tools, and
python-fido2 with its own client and server, over the hidraw node."""

from __future__ import annotations

import base64
import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.yubikey.plugged_key import PluggedKey

NODE = "/dev/hidraw20"
RP = "portal.example"
TOOL_S = 30
_JUDGE = Path(__file__).with_name("fido2_library.py")


@pytest.fixture(scope="module")
def bed() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in(firmware=(5, 7, 1), fido=True) as key:
        yield key


@pytest.fixture
def key(bed: PluggedKey) -> PluggedKey:
    bed.forget_fido()
    bed.always_verify(always=False)
    bed.auto_touch(0.05)
    return bed


def ran(key: PluggedKey, *command: str, told: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | key.environment
    return subprocess.run(command, env=environment, input=told, capture_output=True, text=True, timeout=60, check=False)


def random_text(length: int) -> str:
    return base64.b64encode(os.urandom(length)).decode()


def credential(key: PluggedKey, folder: Path, *options: str) -> tuple[str, Path]:
    """Made and verified by fido2-cred: its id, and the file with its public key."""
    made = ran(key, "fido2-cred", "-M", *options, NODE, told=f"{random_text(32)}\n{RP}\nanna\n{random_text(16)}\n")
    assert made.returncode == 0, made.stderr
    verified = ran(key, "fido2-cred", "-V", told=made.stdout)
    assert verified.returncode == 0, verified.stderr
    number, _, public = verified.stdout.partition("\n")
    file = folder / "public.pem"
    file.write_text(public)
    return number, file


def asserted(key: PluggedKey, number: str, rp: str = RP) -> subprocess.CompletedProcess[str]:
    return ran(key, "fido2-assert", "-G", NODE, told=f"{random_text(32)}\n{rp}\n{number}\n")


def test_fido2_token_finds_the_key_and_reads_what_it_is(key: PluggedKey) -> None:
    assert NODE in ran(key, "fido2-token", "-L").stdout
    told = dict(line.split(": ", 1) for line in ran(key, "fido2-token", "-I", NODE).stdout.splitlines())
    assert told["version strings"] == "FIDO_2_0, FIDO_2_1"
    assert told["algorithms"] == "es256 (public-key)"
    assert told["fwversion"] == "0x50701"
    assert told["pin retries"] == "8"
    assert "noclientPin" in told["options"]


def test_fido2_cred_and_fido2_assert_accept_what_it_signs(key: PluggedKey, tmp_path: Path) -> None:
    number, public = credential(key, tmp_path)
    answer = asserted(key, number)
    assert answer.returncode == 0, answer.stderr
    assert ran(key, "fido2-assert", "-V", str(public), told=answer.stdout).returncode == 0


def test_fido2_assert_sees_a_signature_of_somebody_else(key: PluggedKey, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    number, _ = credential(key, tmp_path)
    _, other = credential(key, tmp_path / "other")
    answer = asserted(key, number)
    assert ran(key, "fido2-assert", "-V", str(other), told=answer.stdout).returncode != 0


def test_fido2_assert_gets_nothing_for_another_party(key: PluggedKey, tmp_path: Path) -> None:
    number, _ = credential(key, tmp_path)
    refused = asserted(key, number, "evil.example")
    assert "FIDO_ERR_NO_CREDENTIALS" in refused.stderr


def test_fido2_assert_waits_for_a_finger_and_says_that_none_came(key: PluggedKey, tmp_path: Path) -> None:
    number, _ = credential(key, tmp_path)
    key.auto_touch(None)
    key.touch_seconds(1)
    try:
        refused = asserted(key, number)
    finally:
        key.touch_seconds(30)
    assert refused.returncode != 0
    assert "TIMEOUT" in refused.stderr


def typed(key: PluggedKey, *command: str, answers: tuple[str, ...]) -> tuple[int, str]:
    """A tool that asks at the terminal: exit code and everything that it showed."""
    terminal, theirs = pty.openpty()
    # A session of its own, so that this is the terminal that it asks at.
    environment = os.environ | key.environment
    tool = subprocess.Popen(
        ["setsid", "-c", "-w", *command], env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown, question, left = b"", b"", list(answers)
    try:
        while select.select([terminal], [], [], TOOL_S)[0] and (part := os.read(terminal, 1024)):
            shown, question = shown + part, question + part
            if left and question.strip().endswith(b":"):
                os.write(terminal, left.pop(0).encode() + b"\n")
                question = b""
    except OSError:
        pass  # the terminal ends with the tool
    finally:
        os.close(terminal)
    return tool.wait(TOOL_S), shown.decode()


def test_fido2_token_sets_a_pin_and_changes_it_and_counts_wrong_ones(key: PluggedKey) -> None:
    assert typed(key, "fido2-token", "-S", NODE, answers=("1234", "1234"))[0] == 0
    assert "clientPin" in ran(key, "fido2-token", "-I", NODE).stdout
    code, shown = typed(key, "fido2-token", "-C", NODE, answers=("9999", "567890", "567890"))
    assert code != 0
    assert "FIDO_ERR_PIN_INVALID" in shown
    assert key.pin_tries() == 7
    assert typed(key, "fido2-token", "-C", NODE, answers=("1234", "567890", "567890"))[0] == 0
    assert key.pin_tries() == 8


def test_fido2_assert_gives_the_pin(key: PluggedKey, tmp_path: Path) -> None:
    number, public = credential(key, tmp_path)
    key.set_pin("1234")
    parameters = tmp_path / "parameters"
    parameters.write_text(f"{random_text(32)}\n{RP}\n{number}\n")
    answer = tmp_path / "answer"
    command = ("fido2-assert", "-G", "-v", "-i", str(parameters), "-o", str(answer), NODE)
    assert typed(key, *command, answers=("1234",))[0] == 0
    assert ran(key, "fido2-assert", "-V", "-v", "-i", str(answer), str(public)).returncode == 0
    # Without the PIN there is no such flag, and the verifier that wants it says no.
    bare = asserted(key, number)
    assert ran(key, "fido2-assert", "-V", "-v", str(public), told=bare.stdout).returncode != 0


@pytest.mark.parametrize("python", [sys.executable, "/usr/bin/python3"], ids=["newest", "distribution"])
def test_python_fido2_registers_signs_and_verifies(key: PluggedKey, python: str) -> None:
    """The library that the product uses, as new as it gets and as the distribution has it."""
    judged = ran(key, python, "-W", "ignore", str(_JUDGE))
    assert judged.stdout.splitlines() == [
        "registered",
        "signed",
        "wrong challenge refused",
        "PIN set",
        "wrong PIN 0x31, 7 left",
        "wrong PIN 0x31, 6 left",
        "wrong PIN 0x34, 5 left",
        "blocked until pulled 0x34",
    ], judged.stderr


def test_after_a_pull_the_pin_counts_again(key: PluggedKey, tmp_path: Path) -> None:
    key.set_pin("1234")
    for _ in range(3):
        typed(key, "fido2-token", "-C", NODE, answers=("9999", "567890", "567890"))
    blocked = typed(key, "fido2-token", "-C", NODE, answers=("1234", "567890", "567890"))[1]
    assert "FIDO_ERR_PIN_AUTH_BLOCKED" in blocked
    key.pull()
    key.plug()
    assert typed(key, "fido2-token", "-C", NODE, answers=("1234", "567890", "567890"))[0] == 0


def test_a_pull_is_seen_by_who_waits(key: PluggedKey, tmp_path: Path) -> None:
    number, _ = credential(key, tmp_path)
    key.auto_touch(None)
    waiting = subprocess.Popen(
        ["fido2-assert", "-G", NODE],
        env=os.environ | key.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with waiting:
        assert waiting.stdin
        waiting.stdin.write(f"{random_text(32)}\n{RP}\n{number}\n")
        waiting.stdin.close()
        key.wait_until_blinking()
        key.pull()
        assert waiting.wait(10) != 0
    key.plug()
    key.auto_touch(0.05)
    assert asserted(key, number).returncode == 0

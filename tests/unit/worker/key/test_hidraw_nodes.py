"""The door in a process of its own, over /dev/hidrawN, as the worker meets it. umockdev shows the software key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed.yubikey.asking import Asking, as_stranger, asking
from tests.bed.yubikey.plugged_key import PluggedKey

SECRET = bytes(range(20))
DIGEST = hashlib.sha256(b"a login").digest()
QUESTION = ("answer", DIGEST.hex(), "2")
RIGHT = {"answer": hmac.new(SECRET, DIGEST, hashlib.sha1).hexdigest()}


@pytest.fixture(scope="module")
def bed() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in() as key:
        yield key


@pytest.fixture
def key(bed: PluggedKey) -> PluggedKey:
    """One that wants a touch and gets none."""
    bed.plug()
    bed.trouble()
    bed.permit(0o666)
    bed.auto_touch(None)
    bed.program_hmac(2, SECRET)
    return bed


def outcome(key: PluggedKey, *words: str) -> dict[str, Any]:
    with asking(key.environment, *words) as question:
        return question.outcome()


def test_a_stranger_in_its_own_network_is_answered_after_a_touch(key: PluggedKey) -> None:
    with asking(key.environment, *QUESTION, prefix=as_stranger("-U", "-n", "-m")) as question:
        assert question.said() == {"touch": True}
        assert key.touch()
        assert question.said() == RIGHT


def test_the_keyboard_driver_stays_with_the_key(key: PluggedKey) -> None:
    """libusb would have detached it: a killed process leaves it so, and the person's key does not type any more."""
    with asking(key.environment, *QUESTION) as question:
        question.said()
        assert key.state().driver_attached


def test_a_key_is_found_and_described(key: PluggedKey) -> None:
    (found,) = outcome(key, "present")["keys"]
    assert (found["path"], found["serial"], found["firmware"]) == ("/dev/hidraw0", key.serial, [5, 4, 3])


def test_a_node_that_the_worker_may_not_open_is_not_no_key(key: PluggedKey) -> None:
    key.permit(0o600)
    with asking(key.environment, *QUESTION, prefix=as_stranger()) as question:
        assert question.outcome()["fault"] == "KEY_NOT_PERMITTED"


def test_a_pull_while_it_blinks(key: PluggedKey) -> None:
    with asking(key.environment, *QUESTION) as question:
        question.said()
        key.pull()
        assert question.outcome()["fault"] == "KEY_PULLED"
    assert outcome(key, *QUESTION)["fault"] == "KEY_ABSENT"


def test_a_second_worker_is_told_that_the_key_is_busy_and_the_first_goes_on(key: PluggedKey) -> None:
    with asking(key.environment, *QUESTION) as first:
        first.said()
        assert outcome(key, *QUESTION)["fault"] == "KEY_BUSY"
        assert key.touch()
        assert first.said() == RIGHT


def test_a_killed_worker_leaves_nothing_that_disturbs_the_next(key: PluggedKey) -> None:
    with asking(key.environment, *QUESTION) as killed:
        killed.said()
    assert key.state().blinking
    with asking(key.environment, *QUESTION) as question:
        question.said()
        assert key.touch()
        assert question.said() == RIGHT


def test_a_wait_that_is_terminated_is_taken_back(key: PluggedKey) -> None:
    with asking(key.environment, *QUESTION) as question:
        question.said()
        resets = key.state().resets
        interrupt(question)
        assert not key.state().blinking
        assert key.state().resets > resets


def interrupt(question: Asking) -> None:
    """By SIGINT, which Python turns into an exception, as the worker does with SIGTERM."""
    question.process.send_signal(2)
    question.process.wait()


def test_one_of_two_keys_is_picked_by_its_serial(key: PluggedKey) -> None:
    other = key.another(22222222)
    other.program_hmac(2, b"the other's secret..", touch=False)
    try:
        told = outcome(key, *QUESTION)
        assert told == {"fault": "KEYS_SEVERAL", "facts": {"serials": f"{key.serial}, 22222222"}}
        wanted = hmac.new(b"the other's secret..", DIGEST, hashlib.sha1).hexdigest()
        assert outcome(key, *QUESTION, "22222222") == {"answer": wanted}
    finally:
        other.pull()


def test_a_key_with_its_otp_off_is_there_but_of_no_use(key: PluggedKey) -> None:
    key.pull()
    security_key = key.another(33333333, otp=False)
    try:
        assert outcome(key, *QUESTION) == {"fault": "KEY_WITHOUT_HMAC", "facts": {"problem": "otp-off"}}
    finally:
        security_key.pull()


def test_neither_challenge_nor_answer_is_printed_whatever_the_environment_says(key: PluggedKey, tmp_path: Path) -> None:
    log = tmp_path / "log"
    talkative = {"PYUSB_DEBUG": "debug", "PYUSB_LOG_FILENAME": str(log), "LIBUSB_DEBUG": "4"}
    key.program_hmac(2, SECRET, touch=False)
    with asking(key.environment | talkative, *QUESTION) as question:
        assert question.outcome() == RIGHT
    assert not log.exists()


def test_the_library_compiles_where_warnings_are_errors(key: PluggedKey, tmp_path: Path) -> None:
    key.program_hmac(2, SECRET, touch=False)
    options = ["-W", "error", "-X", f"pycache_prefix={tmp_path}"]
    with asking(key.environment, *QUESTION, options=options) as question:
        assert question.outcome() == RIGHT


@pytest.mark.parametrize("requests", [0, 1, 5, 12])
def test_a_pull_at_some_request_is_a_pull(key: PluggedKey, requests: int) -> None:
    key.trouble(pull_after=requests)
    assert outcome(key, *QUESTION, str(key.serial))["fault"] == "KEY_PULLED"

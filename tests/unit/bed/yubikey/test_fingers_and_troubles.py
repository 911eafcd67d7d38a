"""What people and broken keys do, by script, and what the product's own door then says: a process of its own asks."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

import pytest

from flexnetd.worker.key.door import challenge_response
from tests.bed.yubikey.asking import asking
from tests.bed.yubikey.frames import PENDING, Frame, reports_from_frame
from tests.bed.yubikey.in_process import PortNodes
from tests.bed.yubikey.model import Options, YubiKey
from tests.bed.yubikey.plugged_key import PluggedKey
from tests.bed.yubikey.port import Port
from tests.bed.yubikey.slot import hmac_slot, otp_slot

SECRET = bytes(range(20))
DIGEST = hashlib.sha256(b"digest").digest()
RIGHT = {"answer": hmac.new(SECRET, DIGEST, hashlib.sha1).hexdigest()}
FAULTS = {"KEY_FAILED", "KEY_BUSY", "KEY_SLOT_EMPTY", "KEY_SLOT_WRONG_KIND", "KEY_WITHOUT_HMAC", "KEY_NOT_TOUCHED"}
"""Noise may look like any answer."""
HMAC_2 = 0x38


@pytest.fixture(scope="module")
def bed() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in() as key:
        yield key


@pytest.fixture
def key(bed: PluggedKey) -> Iterator[PluggedKey]:
    bed.program_hmac(2, SECRET)
    bed.auto_touch(None)
    yield bed
    bed.trouble()
    bed.refuse(refuses=False)
    bed.let_go()


def question(*more: str) -> tuple[str, ...]:
    return ("answer", DIGEST.hex(), "2", *more)


def test_a_finger_that_comes_and_stays_is_one_touch(key: PluggedKey) -> None:
    with asking(key.environment, *question()) as asked:
        key.wait_until_blinking()
        key.hold()
        assert asked.outcome() == RIGHT
    with asking(key.environment, *question()) as asked:
        key.wait_until_blinking()
        assert not key.touch()
        key.let_go()
        assert key.touch()
        assert asked.outcome() == RIGHT


def test_a_finger_that_lies_there_types_nothing() -> None:
    key = YubiKey()
    key.program(1, otp_slot(b"", b"secret", bytes(16)))
    key.hold(held=True)
    assert key.press() == ""
    key.hold(held=False)
    assert key.press() != ""


def test_two_keys_blink_at_once_and_each_takes_its_own_finger() -> None:
    keys = [YubiKey(Options(serial=serial)) for serial in (1, 2)]
    for key in keys:
        key.program(2, hmac_slot(SECRET))
        for report in reports_from_frame(Frame(HMAC_2, bytes(64))):
            key.write(report)
    assert [key.waiting for key in keys] == [True, True]
    assert keys[1].touch()
    assert [key.waiting for key in keys] == [True, False]
    assert [key.read()[-1] & PENDING for key in keys] == [0, PENDING]


def test_a_key_that_refuses_is_silent(key: PluggedKey) -> None:
    key.refuse()
    with asking(key.environment, *question()) as asked:
        assert asked.outcome() == {"fault": "KEY_SLOT_WRONG_KIND", "facts": {"slot": 2}}


def test_a_slow_key_answers_all_the_same(key: PluggedKey) -> None:
    key.trouble("slow")
    key.auto_touch(0.1)
    with asking(key.environment, *question()) as asked:
        assert asked.outcome() == RIGHT


@pytest.mark.parametrize("trouble", ["babble", "stall", "short"])
def test_nonsense_is_named_and_the_next_question_is_answered(key: PluggedKey, trouble: str) -> None:
    key.trouble(trouble)
    with asking(key.environment, *question()) as asked:
        assert asked.outcome()["fault"] in FAULTS
    key.trouble()
    key.auto_touch(0.05)
    with asking(key.environment, *question()) as asked:
        assert asked.outcome() == RIGHT


def test_a_short_press_types_slot_1_and_a_long_one_slot_2(key: PluggedKey) -> None:
    key.program_otp(1, bytes(6), b"secret", bytes(16))
    key.program_hotp(2, SECRET)
    assert (len(key.press(1).strip()), len(key.press(2).strip())) == (44, 6)
    key.empty(1)


@pytest.mark.parametrize("firmware", [(2, 2, 0), (3, 4, 0), (4, 3, 7), (5, 4, 3), (5, 7, 1)])
def test_the_product_is_answered_by_every_generation(firmware: tuple[int, int, int]) -> None:
    with PluggedKey.plugged_in(firmware=firmware) as key:
        key.program_hmac(2, SECRET)
        key.auto_touch(0.05)
        with asking(key.environment, *question()) as asked:
            assert asked.outcome() == RIGHT
        with asking(key.environment, "present") as asked:
            assert asked.outcome()["keys"][0]["serial"] == key.serial


def test_a_sticky_wait_of_old_firmware_ignores_what_comes_until_it_is_reset() -> None:
    """The product resets before it asks, so a wait that another program left behind does no harm."""
    key = YubiKey(Options(firmware=(2, 2, 0), new_frame_ends_wait=False))
    key.program(2, hmac_slot(SECRET))
    for report in reports_from_frame(Frame(HMAC_2, bytes(64))):
        key.write(report)
    assert key.waiting

    def finger() -> None:
        key.touch()

    nodes = PortNodes(Port(key))
    answer = challenge_response(DIGEST, slot=2, serial=None, timeout_s=5, on_touch=finger, nodes=nodes)
    assert answer.hex() == RIGHT["answer"]

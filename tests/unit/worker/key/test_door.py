"""The worker's two calls, over a software key in this process and python-yubico as it comes."""

from __future__ import annotations

import errno
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.door import challenge_response, keys_present
from flexnetd.worker.key.facts import SlotFacts
from tests.bed.yubikey.frames import RESET_REPORT, Frame, reports_from_frame
from tests.bed.yubikey.in_process import PortNodes
from tests.bed.yubikey.model import Options, YubiKey
from tests.bed.yubikey.port import Port, Trouble
from tests.bed.yubikey.slot import SlotConfig, hmac_slot, hotp_slot, otp_slot

SECRET = bytes(range(20))
DIGEST = hashlib.sha256(b"a login").digest()
AT_ONCE_S = 0.02
CHALLENGE_HMAC_2 = 0x38
SERIAL = 12345678
OTHER_SERIAL = 22222222


def plugged(options: Options | None = None, **slots: SlotConfig) -> Port:
    """A key with `slot1`, `slot2` that is touched at once, unless its options say otherwise."""
    key = YubiKey(options or Options(auto_touch_s=AT_ONCE_S))
    for name, config in slots.items():
        key.program(int(name.removeprefix("slot")), config)
    return Port(key)


def answer(
    nodes: PortNodes,
    digest: bytes = DIGEST,
    *,
    slot: int = 2,
    serial: int | None = None,
    timeout_s: float = 15.0,
    on_touch: Callable[[], None] = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bytes:
    return challenge_response(
        digest, slot=slot, serial=serial, timeout_s=timeout_s, on_touch=on_touch, cancelled=cancelled, nodes=nodes
    )


def fault_of(nodes: PortNodes, **how: object) -> Fault:
    """The fault that asking ends in; whatever it is, the key is given back and waits for nothing."""
    with pytest.raises(Fault) as caught:
        answer(nodes, **how)  # type: ignore[arg-type]
    assert all(reports.closed for reports in nodes.opened)
    assert not any(port.key.waiting for port in nodes.ports if port.plugged)
    return caught.value


def right(digest: bytes, secret: bytes = SECRET) -> bytes:
    return hmac.new(secret, digest, hashlib.sha1).digest()


# -- answers


@pytest.mark.parametrize(
    "digest",
    [
        DIGEST,
        b"\0" * 32,
        DIGEST[:31] + b"\0",
        DIGEST[:30] + b"\0\0",
        DIGEST[:31] + b"\xff",
        b"\xff" * 32,
        b"x",
        b"y" * 63,
    ],
    ids=["usual", "zeros", "ends in 00", "ends in 0000", "ends in ff", "all ff", "short", "longest"],
)
def test_the_answer_is_the_hmac_of_the_digest_whatever_it_ends_in(digest: bytes) -> None:
    assert answer(PortNodes(plugged(slot2=hmac_slot(SECRET))), digest) == right(digest)


@pytest.mark.parametrize("firmware", [(2, 2, 0), (2, 4, 3), (3, 1, 0), (4, 3, 7), (5, 7, 1)])
def test_every_firmware_with_hmac_answers(firmware: tuple[int, int, int]) -> None:
    port = plugged(Options(firmware=firmware, auto_touch_s=AT_ONCE_S), slot1=hmac_slot(SECRET))
    assert answer(PortNodes(port), slot=1) == right(DIGEST)


def test_the_person_is_told_once_when_the_key_begins_to_blink() -> None:
    port, told = plugged(slot2=hmac_slot(SECRET)), []

    def note() -> None:
        told.append(port.key.waiting)

    answer(PortNodes(port), on_touch=note)
    assert told == [True]


def test_a_slot_without_touch_answers_without_a_word() -> None:
    told: list[str] = []
    port = plugged(slot2=hmac_slot(SECRET, touch=False))
    assert answer(PortNodes(port), on_touch=lambda: told.append("touch")) == right(DIGEST)
    assert told == []


def test_the_key_is_given_back_and_goes_on_typing() -> None:
    port = plugged(slot1=otp_slot(b"\xff" * 6, b"p" * 6, b"k" * 16), slot2=hmac_slot(SECRET))
    nodes = PortNodes(port)
    answer(nodes)
    assert [reports.closed for reports in nodes.opened] == [True]
    assert len(port.key.press(1)) == 45


def test_a_wrong_key_answers_something_else() -> None:
    """Only the portal can tell; here is nothing to compare with."""
    assert answer(PortNodes(plugged(slot2=hmac_slot(b"another secret......")))) != right(DIGEST)


# -- which key


def test_a_key_is_described() -> None:
    (key,) = keys_present(PortNodes(plugged(slot1=otp_slot(b"", b"p" * 6, b"k" * 16), slot2=hmac_slot(SECRET))))
    assert (key.path, key.serial, key.firmware) == ("/dev/hidraw0", SERIAL, (5, 4, 3))
    assert key.slots == (SlotFacts(1, True, True), SlotFacts(2, True, True))


def test_a_hidden_serial_is_none_and_needs_no_patience() -> None:
    port = plugged(slot2=replace(hmac_slot(SECRET), extended=0))
    (key,) = keys_present(PortNodes(port))
    assert key.serial is None
    assert answer(PortNodes(port)) == right(DIGEST)


def test_a_key_before_2_2_is_not_asked_for_its_serial() -> None:
    port = plugged(Options(firmware=(2, 1, 0)))
    (key,) = keys_present(PortNodes(port))
    assert key.serial is None
    assert port.key.tally.frames == []


def test_no_key() -> None:
    port = plugged()
    port.pull()
    assert keys_present(PortNodes(port)) == ()
    assert fault_of(PortNodes(port)) == Fault(Code.KEY_ABSENT)
    assert fault_of(PortNodes(), serial=SERIAL) == Fault(Code.KEY_ABSENT)


def test_a_key_whose_otp_is_off() -> None:
    assert fault_of(PortNodes(without_otp=1)) == Fault(Code.KEY_WITHOUT_HMAC, problem="otp-off")
    assert keys_present(PortNodes(without_otp=1)) == ()


def test_a_security_key_beside_a_yubikey_does_no_harm() -> None:
    assert answer(PortNodes(plugged(slot2=hmac_slot(SECRET)), without_otp=1)) == right(DIGEST)


def test_of_two_keys_the_serial_picks_one() -> None:
    first = plugged(slot2=hmac_slot(b"first secret........"))
    second = plugged(Options(serial=OTHER_SERIAL, auto_touch_s=AT_ONCE_S), slot2=hmac_slot(SECRET))
    nodes = PortNodes(first, second)
    assert fault_of(nodes) == Fault(Code.KEYS_SEVERAL, serials=f"{SERIAL}, {OTHER_SERIAL}")
    assert answer(nodes, serial=OTHER_SERIAL) == right(DIGEST)
    assert fault_of(nodes, serial=3) == Fault(Code.KEY_OTHER, wanted=3, serials=f"{SERIAL}, {OTHER_SERIAL}")
    assert first.key.tally.touches == 0


# -- slots


def test_an_empty_slot_is_told_before_asking() -> None:
    port = plugged(slot1=hmac_slot(SECRET))
    assert fault_of(PortNodes(port)) == Fault(Code.KEY_SLOT_EMPTY, slot=2)
    assert port.key.tally.frames == []


@pytest.mark.parametrize("config", [otp_slot(b"", b"p" * 6, b"k" * 16), hotp_slot(SECRET)], ids=["OTP", "HOTP"])
def test_a_slot_of_another_kind(config: SlotConfig) -> None:
    assert fault_of(PortNodes(plugged(slot2=config))) == Fault(Code.KEY_SLOT_WRONG_KIND, slot=2)


def test_a_firmware_without_hmac() -> None:
    port = plugged(Options(firmware=(2, 1, 3)), slot2=otp_slot(b"", b"p" * 6, b"k" * 16))
    assert fault_of(PortNodes(port)) == Fault(Code.KEY_WITHOUT_HMAC, problem="firmware")


# -- touches that do not come


def test_nobody_touches() -> None:
    port = plugged(Options(touch_seconds=1), slot2=hmac_slot(SECRET))
    assert fault_of(PortNodes(port)) == Fault(Code.KEY_NOT_TOUCHED, seconds=1)


def test_the_callers_patience_may_be_shorter_than_the_keys() -> None:
    """The question is taken back: the next press types again."""
    port = plugged(Options(), slot1=otp_slot(b"\xff" * 6, b"p" * 6, b"k" * 16), slot2=hmac_slot(SECRET))
    assert fault_of(PortNodes(port), timeout_s=0.1) == Fault(Code.KEY_NOT_TOUCHED, seconds=0)
    assert port.key.press(1)


def test_cancelling_takes_the_question_back() -> None:
    port, blinking = plugged(Options(), slot2=hmac_slot(SECRET)), []
    fault = fault_of(PortNodes(port), on_touch=lambda: blinking.append(True), cancelled=lambda: bool(blinking))
    assert fault == Fault(Code.CANCELLED)


class Stopped(BaseException):
    """As SystemExit from a signal handler, or a broken pipe to the daemon."""


@pytest.mark.parametrize("error", [Stopped, BrokenPipeError])
def test_what_a_callback_raises_passes_and_the_key_is_given_back(error: type[BaseException]) -> None:
    port = plugged(Options(), slot2=hmac_slot(SECRET))
    nodes = PortNodes(port)

    def stop() -> None:
        raise error

    with pytest.raises(error):
        answer(nodes, on_touch=stop)
    assert nodes.opened[0].closed
    assert not port.key.waiting


def test_a_program_that_breaks_in_is_told_apart_from_a_finger_that_does_not_come() -> None:
    port = plugged(Options(), slot2=hmac_slot(SECRET))
    assert fault_of(PortNodes(port), on_touch=lambda: port.key.write(RESET_REPORT)) == Fault(Code.KEY_BUSY)


def test_a_question_that_a_killed_process_left_is_dropped_first() -> None:
    port = plugged(Options(), slot2=hmac_slot(SECRET))
    for report in reports_from_frame(Frame(CHALLENGE_HMAC_2, bytes(64))):
        port.key.write(report)
    assert port.key.waiting
    port.key.options = replace(port.key.options, auto_touch_s=AT_ONCE_S)
    assert answer(PortNodes(port)) == right(DIGEST)


# -- trouble on the way


def test_a_key_that_is_pulled_while_it_blinks() -> None:
    port = plugged(Options(), slot2=hmac_slot(SECRET))
    assert fault_of(PortNodes(port), on_touch=port.pull) == Fault(Code.KEY_PULLED)


def test_pulled_and_plugged_again_is_still_pulled() -> None:
    port = plugged(Options(), slot2=hmac_slot(SECRET))

    def replug() -> None:
        port.pull()
        port.plug()

    assert fault_of(PortNodes(port), on_touch=replug) == Fault(Code.KEY_PULLED)


def requests_of_one_answer() -> int:
    port = plugged(slot2=hmac_slot(SECRET, touch=False))
    port.script.pull_after = 10_000
    answer(PortNodes(port), serial=SERIAL)
    assert port.script.pull_after is not None
    return 10_000 - port.script.pull_after


def test_a_pull_at_any_request_is_a_pull() -> None:
    """The last request is the one that clears up; then the answer is already there."""
    count = requests_of_one_answer()
    assert count > 30
    for requests in range(count):
        port = plugged(slot2=hmac_slot(SECRET, touch=False))
        port.script.pull_after = requests
        if requests == count - 1:
            assert answer(PortNodes(port), serial=SERIAL) == right(DIGEST)
        else:
            assert fault_of(PortNodes(port), serial=SERIAL).code in {Code.KEY_PULLED, Code.KEY_ABSENT}


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        (Trouble.STALL, Fault(Code.KEY_FAILED, detail="EPIPE")),
        (Trouble.SHORT, Fault(Code.KEY_FAILED, detail="short read")),
        (Trouble.CORRUPT, Fault(Code.KEY_FAILED, detail="Read from device failed CRC check")),
    ],
)
def test_trouble_on_the_wire(trouble: Trouble, fault: Fault) -> None:
    port = plugged(slot2=hmac_slot(SECRET))
    port.script.trouble = trouble
    assert fault_of(PortNodes(port)) == fault


def test_a_key_that_is_busy_for_ever() -> None:
    port = plugged(slot2=hmac_slot(SECRET))
    port.script.trouble = Trouble.BUSY
    assert fault_of(PortNodes(port)) == Fault(Code.KEY_BUSY)


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EACCES, Code.KEY_NOT_PERMITTED), (errno.EBUSY, Code.KEY_BUSY), (errno.ENOENT, Code.KEY_PULLED)],
)
def test_a_node_that_may_not_be_opened(number: int, code: Code) -> None:
    assert fault_of(PortNodes(plugged(slot2=hmac_slot(SECRET)), refuses=number)) == Fault(code)


# -- what only a programmer does


def test_slots_are_one_and_two() -> None:
    with pytest.raises(ValueError, match="slot 3"):
        answer(PortNodes(), slot=3)


def test_a_challenge_of_64_bytes_would_lose_its_last() -> None:
    with pytest.raises(ValueError, match="too long"):
        answer(PortNodes(plugged(slot2=hmac_slot(SECRET))), b"x" * 64)

"""A status report becomes facts; what a firmware cannot tell stays open."""

from __future__ import annotations

import pytest

from flexnetd.worker.key.facts import Firmware, KeyFacts, SlotFacts, status_from_fields


def test_bits_tell_which_slots_are_programmed_and_want_a_touch() -> None:
    status = status_from_fields((5, 4, 3), 0b1011, 0x20)
    assert status.slots == (SlotFacts(1, True, False), SlotFacts(2, True, True))
    assert status.flags == 0x20


@pytest.mark.parametrize(
    ("firmware", "programmed", "wants_touch"),
    [((2, 0, 9), None, None), ((2, 1, 0), True, None), ((2, 9, 9), True, None), ((3, 0, 0), True, True)],
)
def test_older_firmware_tells_less(firmware: Firmware, programmed: bool | None, wants_touch: bool | None) -> None:
    assert status_from_fields(firmware, 0x05, 0).slots[0] == SlotFacts(1, programmed, wants_touch)


def test_challenge_response_came_with_2_2() -> None:
    slots = status_from_fields((2, 1, 9), 0x02, 0).slots
    assert not KeyFacts("/dev/hidraw0", None, (2, 1, 9), slots).answers_hmac
    assert KeyFacts("/dev/hidraw0", None, (2, 2, 0), slots).answers_hmac
    assert KeyFacts("/dev/hidraw0", None, (2, 2, 0), slots).slot(2).programmed

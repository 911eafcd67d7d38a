"""Somebody sets the wall clock. It is the machine's own, so this needs a machine of its own."""

from __future__ import annotations

import pytest

from tests.bed.vm.workstation import VmWorkstation
from tests.vm.inside.clock_step import told_of

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

AN_HOUR_S = 3600.0
TOO_LITTLE_S = 0.3
"""A time service corrects so much, and nobody needs to know."""


def test_each_step_of_the_clock_is_told_with_its_length(place: VmWorkstation) -> None:
    told = place.vm.call(told_of, -AN_HOUR_S, 2 * AN_HOUR_S, -AN_HOUR_S)
    assert told == pytest.approx([-AN_HOUR_S, 2 * AN_HOUR_S, -AN_HOUR_S], abs=1)


def test_a_correction_of_less_than_a_second_is_not_told(place: VmWorkstation) -> None:
    assert place.vm.call(told_of, TOO_LITTLE_S) == []

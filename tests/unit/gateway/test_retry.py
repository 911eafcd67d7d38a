"""How long an agent waits before it asks again."""

from __future__ import annotations

import pytest

from flexnetd.gateway.retry import pause_s


@pytest.mark.parametrize(("failures", "most_s"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (1000, 30)])
def test_the_pause_doubles_up_to_half_a_minute_and_is_spread(failures: int, most_s: float) -> None:
    assert pause_s(failures, 1) == most_s
    assert pause_s(failures, 0) == most_s / 2

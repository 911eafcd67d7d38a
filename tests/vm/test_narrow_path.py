"""A path of 1280 bytes with the kernel's WireGuard. What carries the tunnel is cut into pieces, on the way (IPv4) or
before it (IPv6); a page comes whole all the same, in good time, whatever the tunnel's MTU."""

from __future__ import annotations

import pytest

from tests.bed.vm.workstation import VmWorkstation
from tests.vm.inside.narrow_path import page_over_narrow_path

pytestmark = [pytest.mark.vm, pytest.mark.timeout(900)]

GOOD_TIME_S = 20.0
"""In an emulated machine, beside others. Lost by a black hole, it would take until the connection is given up."""


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("mtu", [1280, 1420])
def test_a_page_of_a_megabyte_comes_through_a_narrow_line(place: VmWorkstation, mtu: int, family: int) -> None:
    came = place.vm.call(page_over_narrow_path, mtu, family, timeout_s=200)
    assert came.whole
    assert came.seconds < GOOD_TIME_S, came
    assert came.fragments > 0, "the line was not narrow"

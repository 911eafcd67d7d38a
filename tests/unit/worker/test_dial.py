from __future__ import annotations

import pytest

from flexnetd.worker.dial import NotConnected, in_turns


@pytest.mark.parametrize(
    ("given", "tried"),
    [
        ((), ()),
        (("192.0.2.1",), ("192.0.2.1",)),
        (("::1", "::2", "::3", "192.0.2.1"), ("::1", "192.0.2.1", "::2", "::3")),
        (("192.0.2.1", "192.0.2.2", "::1", "192.0.2.1"), ("192.0.2.1", "::1", "192.0.2.2")),
    ],
)
def test_families_take_turns_and_no_address_is_tried_twice(given: tuple[str, ...], tried: tuple[str, ...]) -> None:
    assert tuple(in_turns(given)) == tried


def test_a_machine_without_a_route_is_told_from_a_portal_that_refuses() -> None:
    assert NotConnected(["ENETUNREACH", "ENETUNREACH"]).no_route
    assert not NotConnected(["ENETUNREACH", "ECONNREFUSED"]).no_route
    assert not NotConnected([]).no_route

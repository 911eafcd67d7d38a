"""The daemon's watcher gathers what happens to the network; a way that comes is told before the rest is settled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flexnetd.daemon.watch.network import NetworkWatcher
from tests.integration.tunnel.place import GATEWAY, GATEWAY_V6, Place
from tests.unit.daemon.running import Running

pytestmark = pytest.mark.world

NO_INDEX = 1 << 30


class Watched:
    """What the watcher told, in words and in order."""

    def __init__(self, here: Place) -> None:
        self.running = Running()
        self.told: list[str] = []
        self.watcher = NetworkWatcher(
            self.running.loop,
            lambda: self.told.append("changed"),
            lambda: self.told.append("disturbed"),
            lambda _: None,
            lambda: self.told.append("way"),
        )
        here.world["laptop"].within(self.watcher.watch, NO_INDEX)

    def until(self, word: str) -> list[str]:
        """All that was told once `word` was."""
        self.running.until(lambda: word in self.told)
        told, self.told = self.told, []
        return told


@pytest.fixture
def watched(here: Place) -> Iterator[Watched]:
    made = Watched(here)
    yield made
    made.watcher.watch(None)
    made.running.loop.close()


def at_once(here: Place, family: str, *lines: str) -> None:
    """By one process, so that even a busy machine makes one burst of it."""
    here.world["laptop"].run(["ip", family, "-batch", "-"], stdin="\n".join(lines))


@pytest.mark.parametrize(("family", "by"), [("-4", GATEWAY), ("-6", GATEWAY_V6)])
def test_a_default_route_is_told_before_the_rest_is_settled(
    here: Place, watched: Watched, family: str, by: str
) -> None:
    routes = [f"default via {by} metric {number}" for number in (77, 78)]
    at_once(here, family, "link add bridge7 type bridge", *(f"route add {route}" for route in routes))
    assert watched.until("changed") == ["way", "changed"]
    at_once(here, family, "link del bridge7", *(f"route del {route}" for route in routes))
    assert watched.until("changed") == ["changed"]


def test_one_that_refuses_or_leads_to_a_network_alone_is_no_way(here: Place, watched: Watched) -> None:
    routes = ("unreachable default metric 77", f"10.7.0.0/16 via {GATEWAY}")
    at_once(here, "-4", *(f"route add {route}" for route in routes))
    assert watched.until("changed") == ["changed"]
    at_once(here, "-4", *(f"route del {route}" for route in routes))
    assert watched.until("changed") == ["changed"]


def test_each_burst_tells_of_its_own_way(here: Place, watched: Watched) -> None:
    for _ in range(2):
        here.on_laptop(f"ip route add default via {GATEWAY} metric 77")
        assert watched.until("changed") == ["way", "changed"]
        here.on_laptop("ip route del default metric 77")
        assert watched.until("changed") == ["changed"]

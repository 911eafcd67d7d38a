"""The operator's domains are asked of the operator's resolvers, by the real systemd-resolved, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.tunnel.state import LinkNames
from tests.bed.laptop.laptop import Laptop
from tests.bed.servers.start import start_surroundings
from tests.bed.world import operator_plan as at
from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.process import Identity
from tests.bed.world.world import World
from tests.integration.tunnel import calls

pytestmark = pytest.mark.world

DAEMON = Identity(991, caps=("net_admin",))
NAMES = LinkNames((ip_address(at.INTRANET_RESOLVER),), (at.INTRANET_DOMAIN, "other.example"))


@pytest.fixture(scope="module")
def laptop() -> Iterator[Laptop]:
    with World(operator_plan()) as world:
        start_surroundings(world)
        with Laptop(world) as made:
            made.host.run(["sh", "-e"], stdin=_TUNNEL_STAND_IN)
            yield made


# Any link will do here: what is tested is what resolved keeps for it.
_TUNNEL_STAND_IN = """
ip link add flexnet0 type veth peer name far0
ip link set flexnet0 up; ip link set far0 up
ip address add 10.89.0.7/32 dev flexnet0
"""


@pytest.fixture
def index(laptop: Laptop) -> Iterator[int]:
    found = laptop.index_of("flexnet0")
    yield found
    laptop.host.call(calls.revert_names, found, identity=DAEMON)


def test_what_was_set_is_read_back(laptop: Laptop, index: int) -> None:
    assert laptop.host.call(calls.names, index, identity=DAEMON) is None
    laptop.host.call(calls.set_names, index, NAMES, identity=DAEMON)
    assert laptop.host.call(calls.names, index, identity=DAEMON) == NAMES
    laptop.host.call(calls.revert_names, index, identity=DAEMON)
    assert laptop.host.call(calls.names, index, identity=DAEMON) is None


def test_somebody_elses_settings_are_seen_as_open(laptop: Laptop, index: int) -> None:
    laptop.host.call(calls.set_names, index, NAMES, identity=DAEMON)
    laptop.bus.call(
        "org.freedesktop.resolve1", "/org/freedesktop/resolve1", "org.freedesktop.resolve1.Manager",
        "SetLinkDefaultRoute", "ib", index, True,
    )  # fmt: skip
    found = laptop.host.call(calls.names, index, identity=DAEMON)
    assert found is not None
    assert not found.closed


def test_a_link_that_is_not_there_has_no_names(laptop: Laptop) -> None:
    assert laptop.host.call(calls.names, 4711, identity=DAEMON) is None
    laptop.host.call(calls.revert_names, 4711, identity=DAEMON)
    with pytest.raises(Fault) as refused:
        laptop.host.call(calls.set_names, 4711, NAMES, identity=DAEMON)
    assert refused.value == Fault(Code.NAMES_UNAVAILABLE, reason="no-answer")


def test_a_stranger_may_not_set_names(laptop: Laptop, index: int) -> None:
    with pytest.raises(Fault) as refused:
        laptop.host.call(calls.set_names, index, NAMES, identity=Identity(70002))
    assert refused.value == Fault(Code.NAMES_UNAVAILABLE, reason="denied")


def test_without_a_bus_or_without_resolved_it_is_told_why(laptop: Laptop) -> None:
    with pytest.raises(Fault) as refused:
        laptop.host.call(calls.names_by_way_of, "unix:path=/nonexistent", 2)
    assert refused.value == Fault(Code.NAMES_UNAVAILABLE, reason="no-bus")
    laptop.programs["systemd-resolved"].kill()
    try:
        with pytest.raises(Fault) as refused:
            laptop.host.call(calls.names, 2, identity=DAEMON)
        assert refused.value == Fault(Code.NAMES_UNAVAILABLE, reason="absent")
    finally:
        laptop.start_resolved()

"""The system bus ends and comes back: the daemon ends with a failure and leaves the tunnel; the next one, which systemd
would start, goes on with the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flexnetd.model.bus_names import BUS_NAME, SESSION
from tests.bed.await_ import until
from tests.bed.laptop import services
from tests.bed.laptop.accounts import ALICE
from tests.bed.laptop.bus import Bus, BusError
from tests.integration.daemon.member import PATH, Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

EXIT_BUS_LOST = 69


@pytest.fixture
def member() -> Iterator[Member]:
    with member_at_a_workstation() as made:
        yield made


def connected(member: Member) -> Bus | None:
    try:
        return Bus(f"unix:path=/proc/{member.laptop.host.pid}/root{services.BUS_SOCKET}")
    except BusError:
        return None


def test_the_session_outlives_the_bus(member: Member) -> None:
    laptop = member.laptop
    laptop.daemon.start()
    alice = Person(laptop, ALICE)
    assert member.sign_in(alice) == ""
    link = laptop.index_of("flexnet0")

    laptop.programs["dbus-daemon"].kill()
    assert laptop.daemon.program.wait(10) == EXIT_BUS_LOST
    alice.leave()
    assert laptop.index_of("flexnet0") == link
    laptop.daemon.launch()
    assert laptop.daemon.program.wait(10) == EXIT_BUS_LOST

    laptop.host.run(["rm", "-f", services.BUS_SOCKET])
    laptop.programs["dbus-daemon"] = services.start_bus(laptop.host)
    bus = until(lambda: connected(member), 10, "the bus")
    laptop.daemon.start()
    assert bus.get(BUS_NAME, PATH, SESSION, "State") == "online"
    assert laptop.index_of("flexnet0") == link
    assert laptop.daemon.stop() == 0
    assert "flexnet0" not in laptop.host.run(["ip", "link"]).stdout
    bus.close()

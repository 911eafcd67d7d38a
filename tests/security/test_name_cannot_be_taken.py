"""Mozilla VPN and Proton: the default policy let anybody own the name. Here only the daemon's user can, also while the
daemon is down; and a client speaks to nobody else."""

from __future__ import annotations

import pytest

from flexnetd.model.bus_names import BUS_NAME
from tests.bed.laptop.accounts import ALICE, BOB, WORKER, Account
from tests.bed.laptop.laptop import Laptop
from tests.integration.daemon.person import Denied, Person


@pytest.mark.parametrize("who", [ALICE, BOB, WORKER])
@pytest.mark.parametrize("name", [BUS_NAME, BUS_NAME + ".Other"])
def test_nobody_takes_the_name_while_the_daemon_is_down(lone_laptop: Laptop, who: Account, name: str) -> None:
    lone_laptop.daemon.stop()
    with Person(lone_laptop, who, session=None) as person, pytest.raises(Denied, match="AccessDenied"):
        person.own(name)
    assert not lone_laptop.bus.has_owner(BUS_NAME)


def test_nobody_takes_the_name_from_the_daemon(lone_laptop: Laptop, alice: Person) -> None:
    with pytest.raises(Denied, match="AccessDenied"):
        alice.own(BUS_NAME)
    assert lone_laptop.bus.owner_uid(BUS_NAME) == 991


def test_a_second_daemon_ends_and_leaves_the_first_alone(lone_laptop: Laptop, alice: Person) -> None:
    from tests.bed.laptop.daemon import IDENTITY  # noqa: PLC0415
    from tests.bed.world.process import PYTHON  # noqa: PLC0415

    second = lone_laptop.host.start("second", [PYTHON, "-m", "flexnetd.daemon.main"], identity=IDENTITY)
    assert second.wait(15) == 65
    assert alice.state("example") == "signed-out"

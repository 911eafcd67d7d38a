from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.laptop.laptop import Laptop
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World
from tests.integration.daemon.person import Person

EXAMPLE = Path(__file__).parents[3] / "packaging/profile-example/example.toml"


@pytest.fixture(scope="module")
def alone() -> Iterator[Laptop]:
    """A workstation without any network: bus, polkit, logind's stand-in."""
    with World(Plan((), (HostPlan("laptop"),))) as world, Laptop(world, names=False) as laptop:
        yield laptop


@pytest.fixture
def laptop(alone: Laptop) -> Iterator[Laptop]:
    """With a running daemon and the profile `example`."""
    alone.write_profile("example", EXAMPLE.read_text())
    alone.daemon.start()
    yield alone
    if alone.daemon.program.running:
        alone.daemon.stop()
    assert "Traceback" not in alone.daemon.program.log_text()


@pytest.fixture
def alice(laptop: Laptop) -> Iterator[Person]:
    """In front of the screen."""
    with Person(laptop, ALICE) as person:
        yield person


@pytest.fixture
def bob(laptop: Laptop) -> Iterator[Person]:
    """In no session at all: without any right."""
    with Person(laptop, BOB, session=None) as person:
        yield person

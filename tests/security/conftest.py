from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.laptop.laptop import Laptop
from tests.bed.world.operator_plan import INTRANET
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person
from tests.security.wire_tap import WireTap

EXAMPLE = Path(__file__).parents[2] / "packaging/profile-example/example.toml"


@pytest.fixture(scope="module")
def _lone() -> Iterator[Laptop]:
    with World(Plan((), (HostPlan("laptop"),))) as world, Laptop(world, names=False) as laptop:
        yield laptop


@pytest.fixture
def lone_laptop(_lone: Laptop) -> Iterator[Laptop]:
    """A workstation without network: real bus, real polkit, and a running daemon with the profile `example`."""
    _lone.write_profile("example", EXAMPLE.read_text())
    _lone.daemon.start()
    yield _lone
    if _lone.daemon.program.running:
        _lone.daemon.stop()
    assert "a mistake of ours" not in _lone.daemon.program.log_text()


@pytest.fixture
def alice(lone_laptop: Laptop) -> Iterator[Person]:
    """In front of the screen of the lone laptop."""
    with Person(lone_laptop, ALICE) as person:
        yield person


@pytest.fixture
def bob(lone_laptop: Laptop) -> Iterator[Person]:
    """Without any right there."""
    with Person(lone_laptop, BOB, session=None) as person:
        yield person


@pytest.fixture(scope="module")
def _operators_world() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        yield member


@pytest.fixture
def member(_operators_world: Member) -> Iterator[Member]:
    """A member of a real operator at a workstation with a running daemon; nothing of it is left afterwards."""
    _operators_world.laptop.daemon.start()
    yield _operators_world
    if _operators_world.laptop.daemon.program.running:
        _operators_world.laptop.daemon.stop()
    assert "a mistake of ours" not in _operators_world.laptop.daemon.program.log_text()
    assert _operators_world.laptop.leftovers() == []


@pytest.fixture
def anna(member: Member) -> Iterator[Person]:
    """The member, at the screen."""
    with Person(member.laptop, ALICE) as person:
        yield person


@pytest.fixture
def online(member: Member, anna: Person) -> Person:
    """The member, signed in."""
    assert member.sign_in(anna) == ""
    return anna


@pytest.fixture
def tap(member: Member) -> Iterator[WireTap]:
    """What leaves the workstation for the closed network."""
    with WireTap(member.laptop.host, [INTRANET]) as heard:
        yield heard

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.laptop.laptop import Laptop
from tests.bed.servers.start import await_ready, start_names
from tests.bed.world.operator_plan import PUBLIC_NAMES, PUBLIC_RESOLVER, operator_plan
from tests.bed.world.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(operator_plan()) as world:
        await_ready(start_names(world["web"], PUBLIC_RESOLVER, PUBLIC_NAMES))
        yield world


@pytest.fixture(scope="module")
def laptop(world: World) -> Iterator[Laptop]:
    with Laptop(world) as laptop:
        yield laptop

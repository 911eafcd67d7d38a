from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.world import World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(operator_plan(delay_ms=20)) as world:
        yield world

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.daemon.running import Running


@pytest.fixture
def running() -> Iterator[Running]:
    here = Running()
    yield here
    here.loop.close()

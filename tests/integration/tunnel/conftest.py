from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.tunnel.place import Place, place


@pytest.fixture(scope="module")
def standing_place() -> Iterator[Place]:
    with place() as made:
        yield made


@pytest.fixture
def here(standing_place: Place) -> Iterator[Place]:
    """The place, with nothing of ours on the laptop before and after."""
    before = standing_place.everything()
    yield standing_place
    standing_place.down()
    assert standing_place.everything() == before


@pytest.fixture
def up(here: Place) -> Place:
    """The place with a tunnel that stands."""
    here.up()
    return here

from __future__ import annotations

import pytest

from tests.integration.worker.authority import Authority, Leaf
from tests.integration.worker.scripted_server import HOST


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Leaf:
    """A good certificate for HOST."""
    return authority.leaf(HOST)

"""One portal for the tests of this folder that do not change what others rest on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.portal_on_loopback import PortalUnderTest, portal_on_loopback

QUICK = "[sessions]\ngateway-wait-ms = 1500\naddress-rest-s = 0\n[limits]\nper-source = 100000\n"


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    with portal_on_loopback(tmp_path_factory.mktemp("portal"), more_config=QUICK) as under_test:
        yield under_test


@pytest.fixture
def own_portal(tmp_path: Path) -> Iterator[PortalUnderTest]:
    """A portal that the test may stop, kill and reconfigure."""
    with portal_on_loopback(tmp_path, more_config=QUICK) as under_test:
        yield under_test

"""`flexnet-portal check`: names everything that would keep this configuration from being served."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.model.fault import Fault
from flexnetd.portal.config import PortalConfig
from flexnetd.portal.keys import read_keys
from flexnetd.portal.storage.database import Database
from flexnetd.portal.web.listener import tls_context


def faults_of(config: PortalConfig) -> list[Fault]:
    """Empty when nothing is wrong."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: read_keys(config.key_encryption_key, config.grant_key),
        lambda: tls_context(config.listen),
        lambda: tls_context(config.gateway_listen, config.agents_authority),
        lambda: Database(config.database).check(),
    )
    return [fault for check in checks if (fault := _fault(check)) is not None]


def _fault(check: Callable[[], object]) -> Fault | None:
    try:
        check()
    except Fault as fault:
        return fault
    return None

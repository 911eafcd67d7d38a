"""What the portal is made of, put together once at start."""

from __future__ import annotations

from dataclasses import dataclass

from flexnetd.portal.config import PortalConfig
from flexnetd.portal.gateways.watch import RevisionWatch
from flexnetd.portal.keys import Keys, read_keys
from flexnetd.portal.login.limits import Limits
from flexnetd.portal.login.password import Passwords
from flexnetd.portal.metrics.counts import Counts
from flexnetd.portal.storage.addresses import fill_pool
from flexnetd.portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Portal:
    config: PortalConfig
    database: Database
    keys: Keys
    passwords: Passwords
    limits: Limits
    watch: RevisionWatch
    counts: Counts


def portal_from(config: PortalConfig) -> Portal:
    """Opens what the configuration names. Raises Fault: CONFIG_FILE_UNREADABLE, DATABASE_UNREACHABLE."""
    keys = read_keys(config.key_encryption_key, config.grant_key)
    database = Database(config.database)
    database.check()
    with database.writing() as connection:
        fill_pool(connection, config.network)
    return Portal(
        config=config,
        database=database,
        keys=keys,
        passwords=Passwords(config.passwords),
        limits=Limits(config.limits, keys),
        watch=RevisionWatch(database),
        counts=Counts(),
    )

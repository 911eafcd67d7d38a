"""Brings a database to this version's schema, by Alembic's revisions in `migrations/`.

Expand and contract: a revision only adds, and what it makes superfluous goes with a later release, so that portal N
and N-1 work on one database while an upgrade is under way.
"""

from __future__ import annotations

import os

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.storage.database import SCHEMA, Database


def upgrade(url: str) -> None:
    """To `SCHEMA`. Raises Fault DATABASE_UNREACHABLE."""
    _make_private(url)
    config = Config()
    config.set_main_option("script_location", "flexnetd.portal.storage:migrations")
    config.set_main_option("path_separator", "os")
    database = Database(url)
    try:
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, SCHEMA)
    except DBAPIError as wrong:
        raise Fault(Code.DATABASE_UNREACHABLE, reason=type(wrong.orig).__name__) from None
    finally:
        database.close()


def _make_private(url: str) -> None:
    """A new SQLite file is its owner's alone, and so are the files that SQLite makes beside it."""
    file = make_url(url).database if url.startswith("sqlite:") else None
    if file and file != ":memory:":
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as wrong:
            raise Fault(Code.DATABASE_UNREACHABLE, reason=wrong.strerror or "") from None

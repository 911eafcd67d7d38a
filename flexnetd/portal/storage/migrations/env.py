"""Run by Alembic: the connection, with its transaction, comes from `flexnetd/portal/storage/migrating.py`."""

from __future__ import annotations

from alembic import context

from flexnetd.portal.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

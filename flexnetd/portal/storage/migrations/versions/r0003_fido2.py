"""FIDO2 credentials."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("keys", sa.Column("credential", sa.LargeBinary(), nullable=True))
    op.add_column("keys", sa.Column("signatures", sa.BigInteger(), server_default="0", nullable=False))
    # SQLite adds no constraint to a table that is there, but an index it does.
    op.create_index("uq_keys_credential", "keys", ["credential"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_keys_credential", "keys")
    op.drop_column("keys", "signatures")
    op.drop_column("keys", "credential")

"""Emergency codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("keys", sa.Column("uses_left", sa.Integer(), nullable=True))
    op.add_column("keys", sa.Column("ends_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("keys", "ends_at")
    op.drop_column("keys", "uses_left")

"""Sign-ins to the members' pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_sessions",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("password_mark", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name="fk_page_sessions_key_id_keys", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_page_sessions_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name="pk_page_sessions"),
    )
    op.create_index("ix_page_sessions_ends_at", "page_sessions", ["ends_at"], unique=False)
    op.create_index("ix_page_sessions_user_id", "page_sessions", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("page_sessions")

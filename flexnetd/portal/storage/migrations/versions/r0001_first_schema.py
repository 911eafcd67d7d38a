"""The first schema.

The audit log refuses UPDATE and DELETE by triggers; what they would change is also held by the chain of hashes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE_REFUSAL = """
CREATE TRIGGER audit_no_{what} BEFORE {what} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
"""
_POSTGRESQL_REFUSAL = """
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$
"""
_POSTGRESQL_TRIGGER = """
CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()
"""


def upgrade() -> None:
    _audit()
    _buckets()
    _gateways()
    _notices()
    _spent()
    _used_public_keys()
    _users()
    _gateway_certificates()
    _keys()
    _sessions()
    _addresses()
    _peers()
    _refuse_changes_of_audit()


def downgrade() -> None:
    raise NotImplementedError("the first schema has nothing before it; restore a backup")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=256), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=256), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )


def _buckets() -> None:
    op.create_table(
        "buckets",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resets_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_buckets"),
    )
    op.create_index("ix_buckets_resets_at", "buckets", ["resets_at"], unique=False)


def _gateways() -> None:
    op.create_table(
        "gateways",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("endpoint", sa.String(length=280), nullable=False),
        sa.Column("preference", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("applied", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_gateways"),
        sa.UniqueConstraint("public_key", name="uq_gateways_public_key"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("affected", sa.Text(), nullable=False),
        sa.Column("still_working", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )


def _spent() -> None:
    op.create_table(
        "spent",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_spent"),
    )
    op.create_index("ix_spent_ends_at", "spent", ["ends_at"], unique=False)


def _used_public_keys() -> None:
    op.create_table(
        "used_public_keys",
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("public_key", name="pk_used_public_keys"),
    )


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("folded_name", sa.String(length=512), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("password_set_at", sa.BigInteger(), nullable=True),
        sa.Column("password_expired", sa.Integer(), server_default="0", nullable=False),
        sa.Column("activation", sa.String(length=64), nullable=True),
        sa.Column("activation_ends_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("folded_name", name="uq_users_folded_name"),
    )


def _gateway_certificates() -> None:
    op.create_table(
        "gateway_certificates",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway"], ["gateways.name"], name="fk_gateway_certificates_gateway_gateways", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_gateway_certificates"),
    )
    op.create_index("ix_gateway_certificates_gateway", "gateway_certificates", ["gateway"], unique=False)


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("factor", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=True),
        sa.Column("use_counter", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("session_counter", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_keys_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("public_id", name="uq_keys_public_id"),
    )
    op.create_index("ix_keys_user_id", "keys", ["user_id"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("factor", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("address6", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("renewable_until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token", name="uq_sessions_token"),
    )
    op.create_index("ix_sessions_state_ends_at", "sessions", ["state", "ends_at"], unique=False)
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("address6", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=32), nullable=True),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="fk_addresses_session_id_sessions"),
        sa.PrimaryKeyConstraint("address", name="pk_addresses"),
        sa.UniqueConstraint("address6", name="uq_addresses_address6"),
        sa.UniqueConstraint("session_id", name="uq_addresses_session_id"),
    )
    op.create_index("ix_addresses_free", "addresses", ["session_id", "free_at", "number"], unique=False)


def _peers() -> None:
    op.create_table(
        "peers",
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("gateway", sa.String(length=64), nullable=False),
        sa.Column("sealed_preshared_key", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sent_bytes", sa.BigInteger(), nullable=True),
        sa.Column("handshake_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["gateway"], ["gateways.name"], name="fk_peers_gateway_gateways", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_peers_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "gateway", name="pk_peers"),
    )
    op.create_index("ix_peers_gateway", "peers", ["gateway"], unique=False)


def _refuse_changes_of_audit() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_REFUSAL.format(what=what))
    else:
        op.execute(_POSTGRESQL_REFUSAL)
        op.execute(_POSTGRESQL_TRIGGER)

"""The tables. Alembic's revisions in `migrations/` make them; a test holds the two together.

- Times are whole seconds since the epoch by the database's clock, the only wall clock of the portal.
- What must be unique is unique here, not in code: user names, WireGuard public keys for ever, addresses, spent logins.
- Columns called `sealed_*` hold AES-256-GCM by row (`flexnetd/portal/keys.py`). Names in `buckets` are hidden.
- `gateways.revision` grows with every change of that gateway's peers; `applied` is what its agent has confirmed.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    # The name as it is looked up: NFC, case folded.
    Column("folded_name", String(512), nullable=False, unique=True),
    Column("state", String(16), nullable=False),  # active, locked
    # argon2id in PHC format; NULL until the person has set a password.
    Column("password", String(256)),
    Column("password_set_at", BigInteger),
    Column("password_expired", Integer, nullable=False, server_default="0"),
    # SHA-256 of the activation code, hexadecimal; NULL when there is none.
    Column("activation", String(64)),
    Column("activation_ends_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("factor", String(16), nullable=False),
    Column("label", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # active, locked
    # yubikey-hmac: the secret. yubico-otp: private id and AES key, one after the other. fido2: the public key as COSE,
    # emergency-code: its hash; sealed so that nobody puts another in its place.
    Column("sealed_secret", LargeBinary, nullable=False),
    # yubico-otp only, modhex. Unique: a key of two accounts would let one press sign in twice.
    Column("public_id", String(16), unique=True),
    # The counters of the last OTP that was burned; less than any real one at enrolment.
    Column("use_counter", Integer, nullable=False, server_default="-1"),
    Column("session_counter", Integer, nullable=False, server_default="-1"),
    # fido2 only: the credential, and the counter of the last signature.
    Column("credential", LargeBinary),
    Column("signatures", BigInteger, nullable=False, server_default="0"),
    # emergency-code only.
    Column("uses_left", Integer),
    Column("ends_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Index("uq_keys_credential", "credential", unique=True),
)

spent = Table(
    "spent",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("ends_at", BigInteger, nullable=False, index=True),
)

buckets = Table(
    "buckets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("resets_at", BigInteger, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("username", String(128), nullable=False),  # as typed at sign-in: renewal's digest covers it
    Column("factor", String(16), nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # SHA-256, hexadecimal
    Column("address", String(64), nullable=False),
    Column("address6", String(64)),
    Column("state", String(16), nullable=False),  # pending, active, ended
    Column("started_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("renewable_until", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_sessions_state_ends_at", "state", "ends_at"),
)

page_sessions = Table(
    "page_sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the cookie's value, hexadecimal
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key_id", String(32), ForeignKey("keys.id", ondelete="CASCADE"), nullable=False),
    Column("password_mark", String(64), nullable=False),  # SHA-256 of the password's hash at that time, hexadecimal
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False, index=True),
)

used_public_keys = Table(
    "used_public_keys",
    metadata,
    Column("public_key", LargeBinary(32), primary_key=True),
    Column("first_used_at", BigInteger, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("address6", String(64), unique=True),
    Column("session_id", String(32), ForeignKey("sessions.id"), unique=True),
    Column("free_at", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Index("ix_addresses_free", "session_id", "free_at", "number"),
)

gateways = Table(
    "gateways",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("public_key", LargeBinary(32), nullable=False, unique=True),
    Column("endpoint", String(280), nullable=False),
    Column("preference", Integer, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False),  # active, draining, down
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("applied", BigInteger, nullable=False, server_default="-1"),
    Column("seen_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
)

gateway_certificates = Table(
    "gateway_certificates",
    metadata,
    Column("fingerprint", String(64), primary_key=True),  # SHA-256 of the DER, hexadecimal
    Column("gateway", String(64), ForeignKey("gateways.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("issued_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

peers = Table(
    "peers",
    metadata,
    Column("session_id", String(32), ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("gateway", String(64), ForeignKey("gateways.name", ondelete="CASCADE"), primary_key=True),
    Column("sealed_preshared_key", LargeBinary, nullable=False),
    # The gateway's revision from which on it has this peer as it is now; confirmed when applied >= since.
    Column("since", BigInteger, nullable=False),
    Column("received_bytes", BigInteger),
    Column("sent_bytes", BigInteger),
    Column("handshake_at", BigInteger),
    Index("ix_peers_gateway", "gateway"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("affected", Text, nullable=False),  # JSON, list of texts
    Column("still_working", Text, nullable=False),  # JSON, list of texts
    Column("text", Text, nullable=False),  # JSON, text by language
    Column("withdrawn_at", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(256), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),  # SHA-256 over the row before and this one, hexadecimal
)

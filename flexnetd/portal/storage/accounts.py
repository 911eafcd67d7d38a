"""Users and their keys.

A user is looked up by the folded name (NFC, case folded): "Dr.Weber" and "dr.weber" are one account. The login digest
covers the name as typed.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, and_, insert, or_, select, update
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.portal.keys import Sealer
from flexnetd.portal.login.proof_yubico_otp import PRIVATE_ID_BYTES, Counters
from flexnetd.portal.storage.schema import keys, users


class AccountState(Enum):
    ACTIVE = "active"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class User:
    """`password` is the argon2id hash, None until the person has set one; `activation` the code's hash."""

    id: str
    name: str
    state: AccountState
    password: Secret | None
    password_set_at: int
    password_expired: bool
    activation: Secret | None
    activation_ends_at: int


@dataclass(frozen=True, slots=True)
class Key:
    """A second factor as it is listed; the secrets come by `open_hmac_secret`, `open_otp_secrets`,
    `open_fido2_public_key` and `open_code_hash`. `credential` is of fido2 alone, the last two of emergency codes."""

    id: str
    factor: Factor
    label: str
    state: AccountState
    public_id: str | None
    sealed_secret: bytes
    credential: bytes | None = None
    uses_left: int | None = None
    ends_at: int | None = None

    def good(self, now: int) -> bool:
        """Whether it can be used at all: an emergency code ends by itself."""
        ended = self.ends_at is not None and (self.ends_at <= now or not self.uses_left)
        return self.state is AccountState.ACTIVE and not ended


def new_id() -> str:
    return secrets.token_hex(8)


def folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def user_by_name(connection: Connection, name: str) -> User | None:
    row = connection.execute(select(users).where(users.c.folded_name == folded(name))).one_or_none()
    return None if row is None else _user(row)


def user_by_id(connection: Connection, user_id: str) -> User | None:
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    return None if row is None else _user(row)


def named_user(connection: Connection, name: str) -> User:
    """Raises Fault NOT_FOUND; for the administration, never for a login."""
    user = user_by_name(connection, name)
    if user is None:
        raise Fault(Code.NOT_FOUND, kind="user", name=name)
    return user


def all_users(connection: Connection) -> list[User]:
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.folded_name))]


def add_user(
    connection: Connection, name: str, now: int, password: str | None, activation: str | None, activation_ends_at: int
) -> User:
    """Raises Fault ALREADY_EXISTS. `password` and `activation` are hashes."""
    name = unicodedata.normalize("NFC", name)
    if user_by_name(connection, name) is not None:
        raise Fault(Code.ALREADY_EXISTS, kind="user", name=name)
    connection.execute(
        insert(users).values(
            id=new_id(),
            name=name,
            folded_name=folded(name),
            state=AccountState.ACTIVE.value,
            password=password,
            password_set_at=None if password is None else now,
            activation=activation,
            activation_ends_at=activation_ends_at,
            created_at=now,
        )
    )
    return named_user(connection, name)


def set_password(connection: Connection, user_id: str, password: str, now: int, expired: bool = False) -> None:
    """`password` is the hash. An activation code that was open is used up."""
    values = {"password": password, "password_set_at": now, "password_expired": int(expired), "activation": None}
    connection.execute(update(users).where(users.c.id == user_id).values(values))


def set_account_state(connection: Connection, user_id: str, state: AccountState) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(state=state.value))


def expire_password(connection: Connection, user_id: str) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(password_expired=1))


def keys_of(connection: Connection, user_id: str) -> list[Key]:
    rows = connection.execute(select(keys).where(keys.c.user_id == user_id).order_by(keys.c.created_at, keys.c.id))
    return [_key(row) for row in rows]


def credentials_of(connection: Connection, name: str) -> tuple[bytes, ...]:
    """Of the user's FIDO2 keys that are not locked, the oldest first; () for whoever has none, or does not exist."""
    rows = connection.execute(
        select(keys.c.credential)
        .join(users, keys.c.user_id == users.c.id)
        .where(users.c.folded_name == folded(name), keys.c.state == AccountState.ACTIVE.value)
        .where(keys.c.credential.is_not(None))
        .order_by(keys.c.created_at, keys.c.id)
    )
    return tuple(bytes(row.credential) for row in rows)


def enrol_hmac(connection: Connection, sealer: Sealer, user_id: str, secret: SecretBytes, label: str, now: int) -> str:
    """The new key's id."""
    return _enrol(connection, sealer, user_id, Factor.YUBIKEY_HMAC, secret.reveal(), label, now, None)


def enrol_yubico_otp(
    connection: Connection,
    sealer: Sealer,
    user_id: str,
    public_id: str,
    private_id: SecretBytes,
    aes_key: SecretBytes,
    label: str,
    now: int,
) -> str:
    """The new key's id. Raises Fault ALREADY_EXISTS when anybody has a key of this public id."""
    secret = private_id.reveal() + aes_key.reveal()
    try:
        return _enrol(connection, sealer, user_id, Factor.YUBICO_OTP, secret, label, now, public_id)
    except IntegrityError:
        raise Fault(Code.ALREADY_EXISTS, kind="key", name=public_id) from None


def enrol_fido2(
    connection: Connection,
    sealer: Sealer,
    user_id: str,
    credential: bytes,
    public_key: bytes,
    signatures: int,
    label: str,
    now: int,
) -> str:
    """The new key's id. `public_key` as COSE; `signatures` the counter at enrolment. Raises Fault ALREADY_EXISTS when
    anybody has this credential."""
    try:
        key_id = _enrol(connection, sealer, user_id, Factor.FIDO2, public_key, label, now, None, credential)
    except IntegrityError:
        raise Fault(Code.ALREADY_EXISTS, kind="key", name=credential.hex()[:16]) from None
    connection.execute(update(keys).where(keys.c.id == key_id).values(signatures=signatures))
    return key_id


def sealed_key_secret(sealer: Sealer, key_id: str, secret: bytes) -> bytes:
    return sealer.seal(secret, _identity(key_id))


def open_hmac_secret(key: Key, sealer: Sealer) -> SecretBytes:
    return SecretBytes(sealer.open(key.sealed_secret, _identity(key.id)))


def open_code_hash(key: Key, sealer: Sealer) -> SecretBytes:
    return SecretBytes(sealer.open(key.sealed_secret, _identity(key.id)))


def open_otp_secrets(key: Key, sealer: Sealer) -> tuple[SecretBytes, SecretBytes]:
    """Private id and AES key."""
    both = sealer.open(key.sealed_secret, _identity(key.id))
    return SecretBytes(both[:PRIVATE_ID_BYTES]), SecretBytes(both[PRIVATE_ID_BYTES:])


def open_fido2_public_key(key: Key, sealer: Sealer) -> bytes:
    """As COSE."""
    return sealer.open(key.sealed_secret, _identity(key.id))


def count_signature(connection: Connection, key_id: str, count: int) -> bool:
    """Moves the key's counter up, in one statement. False: it did not grow, so there are two of this key. A key that
    always says 0 does not count."""
    grown = keys.c.signatures < count if count else keys.c.signatures == 0
    moved = connection.execute(
        update(keys)
        .where(keys.c.id == key_id, keys.c.state == AccountState.ACTIVE.value, grown)
        .values(signatures=count)
    )
    return moved.rowcount == 1


def burn_otp(connection: Connection, key_id: str, counters: Counters) -> bool:
    """Moves the key's counters up to those of this OTP, in one statement. False: this OTP, or a later one, was used."""
    earlier = or_(
        keys.c.use_counter < counters.use,
        and_(keys.c.use_counter == counters.use, keys.c.session_counter < counters.session),
    )
    moved = connection.execute(
        update(keys)
        .where(keys.c.id == key_id, keys.c.state == AccountState.ACTIVE.value, earlier)
        .values(use_counter=counters.use, session_counter=counters.session)
    )
    return moved.rowcount == 1


def set_key_state(connection: Connection, user_id: str, key_id: str, state: AccountState) -> None:
    """Raises Fault NOT_FOUND."""
    changed = connection.execute(
        update(keys).where(keys.c.id == key_id, keys.c.user_id == user_id).values(state=state.value)
    )
    if changed.rowcount != 1:
        raise Fault(Code.NOT_FOUND, kind="key", name=key_id)


def _enrol(
    connection: Connection,
    sealer: Sealer,
    user_id: str,
    factor: Factor,
    secret: bytes,
    label: str,
    now: int,
    public_id: str | None,
    credential: bytes | None = None,
) -> str:
    key_id = new_id()
    connection.execute(
        insert(keys).values(
            id=key_id,
            user_id=user_id,
            factor=factor.value,
            label=label,
            state=AccountState.ACTIVE.value,
            sealed_secret=sealed_key_secret(sealer, key_id, secret),
            public_id=public_id,
            credential=credential,
            created_at=now,
        )
    )
    return key_id


def _identity(key_id: str) -> str:
    return f"keys/{key_id}/secret"


def _user(row: Row[tuple[object, ...]]) -> User:
    return User(
        id=row.id,
        name=row.name,
        state=AccountState(row.state),
        password=None if row.password is None else Secret(row.password),
        password_set_at=row.password_set_at or 0,
        password_expired=bool(row.password_expired),
        activation=None if row.activation is None else Secret(row.activation),
        activation_ends_at=row.activation_ends_at or 0,
    )


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        row.id,
        Factor(row.factor),
        row.label,
        AccountState(row.state),
        row.public_id,
        bytes(row.sealed_secret),
        None if row.credential is None else bytes(row.credential),
        row.uses_left,
        row.ends_at,
    )

"""Gateways, their certificates, their revisions and their peers.

Whatever changes a gateway's peers raises its revision in the same transaction. An agent reads the whole list with the
revision that it belongs to, and confirms that revision; a peer is confirmed when its gateway has applied the revision
from which on it stands (`peers.since`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.keys import Sealer
from flexnetd.portal.storage.schema import gateway_certificates, gateways, peers, sessions
from flexnetd.wire.gateway import Peer, PeerList, PeerStatistics


class GatewayState(Enum):
    ACTIVE = "active"
    DRAINING = "draining"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Gateway:
    name: str
    public_key: bytes
    endpoint: str
    state: GatewayState
    revision: int
    applied: int
    seen_at: int | None


def all_gateways(connection: Connection) -> list[Gateway]:
    """In order of preference."""
    rows = connection.execute(select(gateways).order_by(gateways.c.preference, gateways.c.name))
    return [
        Gateway(
            row.name,
            bytes(row.public_key),
            row.endpoint,
            GatewayState(row.state),
            row.revision,
            row.applied,
            row.seen_at,
        )
        for row in rows
    ]


def add_gateway(connection: Connection, name: str, public_key: bytes, endpoint: str, preference: int, now: int) -> None:
    """Raises Fault ALREADY_EXISTS: a gateway of this name or with this WireGuard key."""
    try:
        connection.execute(
            insert(gateways).values(
                name=name,
                public_key=public_key,
                endpoint=endpoint,
                preference=preference,
                state=GatewayState.ACTIVE.value,
                created_at=now,
            )
        )
    except IntegrityError:
        raise Fault(Code.ALREADY_EXISTS, kind="gateway", name=name) from None


def set_gateway_state(connection: Connection, name: str, state: GatewayState) -> None:
    """Raises Fault NOT_FOUND."""
    changed = connection.execute(update(gateways).where(gateways.c.name == name).values(state=state.value))
    if changed.rowcount != 1:
        raise Fault(Code.NOT_FOUND, kind="gateway", name=name)


def add_certificate(connection: Connection, gateway: str, fingerprint: str, now: int, ends_at: int) -> None:
    """From now on this certificate, and with it every other of the gateway's, names the gateway."""
    connection.execute(
        insert(gateway_certificates).values(fingerprint=fingerprint, gateway=gateway, issued_at=now, ends_at=ends_at)
    )


def remove_certificates(connection: Connection, gateway: str) -> None:
    connection.execute(delete(gateway_certificates).where(gateway_certificates.c.gateway == gateway))


def gateway_of_certificate(connection: Connection, fingerprint: str) -> str | None:
    return connection.execute(
        select(gateway_certificates.c.gateway).where(gateway_certificates.c.fingerprint == fingerprint)
    ).scalar_one_or_none()


def lock_peers(connection: Connection) -> None:
    """Comes first in a transaction that changes peers: such transactions follow one another, so two that touch several
    gateways cannot wait for each other in a circle. SQLite has this by its nature."""
    connection.execute(select(gateways.c.name).order_by(gateways.c.name).with_for_update()).all()


def raise_revision(connection: Connection, gateway: str) -> int:
    """The new revision. Under `lock_peers`, so revisions are seen in their order."""
    return int(
        connection.execute(
            update(gateways)
            .where(gateways.c.name == gateway)
            .values(revision=gateways.c.revision + 1)
            .returning(gateways.c.revision)
        ).scalar_one()
    )


def positions(connection: Connection) -> Mapping[str, tuple[int, int]]:
    """(revision, applied) of every gateway."""
    rows = connection.execute(select(gateways.c.name, gateways.c.revision, gateways.c.applied))
    return {row.name: (row.revision, row.applied) for row in rows}


def seen(connection: Connection, gateway: str, now: int) -> None:
    connection.execute(update(gateways).where(gateways.c.name == gateway).values(seen_at=now))


def peer_list(connection: Connection, gateway: str, sealer: Sealer, isolation_limit_s: int, now: int) -> PeerList:
    """The gateway's whole list. Called in one snapshot: the revision is that of these very peers."""
    revision = connection.execute(select(gateways.c.revision).where(gateways.c.name == gateway)).scalar_one()
    rows = connection.execute(
        select(
            sessions.c.id,
            sessions.c.public_key,
            sessions.c.address,
            sessions.c.address6,
            sessions.c.ends_at,
            peers.c.sealed_preshared_key,
        )
        .join_from(peers, sessions)
        .where(peers.c.gateway == gateway, sessions.c.state.in_(("pending", "active")), sessions.c.ends_at > now)
        .order_by(sessions.c.id)
    )
    found = tuple(
        Peer(
            bytes(row.public_key),
            Secret(sealer.open(bytes(row.sealed_preshared_key), peer_identity(row.id, gateway)).decode()),
            (f"{row.address}/32",) + (() if row.address6 is None else (f"{row.address6}/128",)),
            row.ends_at - now,
        )
        for row in rows
    )
    return PeerList(revision, isolation_limit_s, found)


def applied(
    connection: Connection, gateway: str, revision: int, statistics: tuple[PeerStatistics, ...], now: int
) -> None:
    """The gateway confirms. A revision that it was never told counts as the latest one that it was."""
    connection.execute(
        update(gateways)
        .where(gateways.c.name == gateway, gateways.c.applied < revision, gateways.c.revision >= revision)
        .values(applied=revision)
    )
    for told in statistics:
        session = select(sessions.c.id).where(sessions.c.public_key == told.public_key, sessions.c.state != "ended")
        age = told.handshake_age_s
        connection.execute(
            update(peers)
            .where(peers.c.gateway == gateway, peers.c.session_id.in_(session))
            .values(
                received_bytes=told.received_bytes,
                sent_bytes=told.sent_bytes,
                handshake_at=None if age is None else now - age,
            )
        )


def peer_identity(session_id: str, gateway: str) -> str:
    """Under which a peer's preshared key is sealed."""
    return f"peers/{session_id}/{gateway}/preshared_key"

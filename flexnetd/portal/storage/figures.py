"""Numbers about the whole service, for those who watch it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from flexnetd.portal.storage.schema import addresses, gateway_certificates, peers, sessions
from flexnetd.portal.storage.sessions import SessionState


def sessions_by_state(connection: Connection) -> Mapping[SessionState, int]:
    """Of those that have not ended."""
    counted = connection.execute(
        select(sessions.c.state, func.count())
        .where(sessions.c.state != SessionState.ENDED.value)
        .group_by(sessions.c.state)
    )
    found = {SessionState(state): int(count) for state, count in counted}
    return {state: found.get(state, 0) for state in (SessionState.PENDING, SessionState.ACTIVE)}


def free_addresses(connection: Connection, now: int) -> int:
    free = select(func.count()).select_from(addresses)
    return int(
        connection.execute(free.where(addresses.c.session_id.is_(None), addresses.c.free_at <= now)).scalar_one()
    )


def peers_by_gateway(connection: Connection, since: int = 0) -> Mapping[str, int]:
    """How many peers each gateway has; with `since` those whose last handshake is not older."""
    wanted = select(peers.c.gateway, func.count()).group_by(peers.c.gateway)
    if since:
        wanted = wanted.where(peers.c.handshake_at >= since)
    return {name: int(count) for name, count in connection.execute(wanted)}


def gateway_certificate_ends(connection: Connection) -> Mapping[str, int]:
    """When the newest certificate of each gateway ends."""
    wanted = select(gateway_certificates.c.gateway, func.max(gateway_certificates.c.ends_at))
    return {name: int(at) for name, at in connection.execute(wanted.group_by(gateway_certificates.c.gateway))}

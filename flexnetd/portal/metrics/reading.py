"""The state of the service as metrics: from the database, and from the certificates' files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from flexnetd.portal.metrics.text import Family, Sample, exposition, gauge, number
from flexnetd.portal.parts import Portal
from flexnetd.portal.storage import figures
from flexnetd.portal.storage.gateways import all_gateways

_ALIVE_WITHIN_S = 180
"""WireGuard's handshake is anew every two minutes while there is traffic."""


def metrics_text(portal: Portal) -> str:
    """Blocks."""
    try:
        with portal.database.reading() as connection:
            state = [*_families(connection, portal.database.now(connection))]
    except SQLAlchemyError:
        state = []
    up = number("flexnet_database_up", "Whether the database answers.", int(bool(state)))
    return exposition([portal.counts.family(), up, *state, _certificates(portal)])


def _families(connection: Connection, now: int) -> Iterator[Family]:
    by_state = figures.sessions_by_state(connection)
    samples = [Sample({"state": state.value}, count) for state, count in by_state.items()]
    yield gauge("flexnet_sessions", "Sessions that have not ended.", samples)
    free = figures.free_addresses(connection, now)
    yield number("flexnet_addresses_free", "Addresses that a new session could get.", free)
    yield from _gateways(connection, now)


def _gateways(connection: Connection, now: int) -> Iterator[Family]:
    found = all_gateways(connection)
    held, alive = figures.peers_by_gateway(connection), figures.peers_by_gateway(connection, now - _ALIVE_WITHIN_S)
    for name, told, values in (
        ("peers", "Peers that the gateway is to have.", {one.name: held.get(one.name, 0) for one in found}),
        (
            "peers_alive",
            "Peers with a handshake in the last 180 s.",
            {one.name: alive.get(one.name, 0) for one in found},
        ),
        (
            "lag_revisions",
            "Changes it has not confirmed.",
            {one.name: one.revision - max(one.applied, 0) for one in found},
        ),
        (
            "seen_seconds",
            "Since it was heard.",
            {one.name: now - one.seen_at for one in found if one.seen_at is not None},
        ),
        (
            "certificate_ends_seconds",
            "When the certificate of its agent ends, since the epoch.",
            figures.gateway_certificate_ends(connection),
        ),
    ):
        samples = [Sample({"gateway": gateway}, value) for gateway, value in values.items()]
        yield gauge(f"flexnet_gateway_{name}", told, samples)
    states = [Sample({"gateway": one.name, "state": one.state.value}, 1) for one in found]
    yield gauge("flexnet_gateway_state", "1 for the state in which it is.", states)


def _certificates(portal: Portal) -> Family:
    config = portal.config
    files = {
        "clients": config.listen.certificate,
        "gateways": config.gateway_listen.certificate,
        "agents-authority": config.agents_authority,
    }
    samples = [Sample({"certificate": name}, at) for name, file in files.items() if (at := _end_of(file)) is not None]
    told = "When a certificate of this portal ends, since the epoch."
    return gauge("flexnet_certificate_ends_seconds", told, samples)


def _end_of(file: Path) -> int | None:
    """None when the file cannot be read: a missing sample is what an alert looks for, too."""
    try:
        return int(x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc.timestamp())
    except (OSError, ValueError):
        return None

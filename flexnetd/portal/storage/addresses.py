"""The pool: one row an address, so that the database itself keeps an address from being given twice.

The address that has rested longest is given next. Where the pool has IPv6, a row holds both addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.config import Network
from flexnetd.portal.storage.schema import addresses


@dataclass(frozen=True, slots=True)
class Lease:
    """`address6` is None where there is no IPv6."""

    address: str
    address6: str | None


def fill_pool(connection: Connection, network: Network) -> None:
    """Brings the rows to what the configuration says. An address in use stays until its session has ended."""
    wanted = {lease.address: (number, lease) for number, lease in enumerate(_pool(network))}
    have = {row.address: row for row in connection.execute(select(addresses))}
    gone = [address for address, row in have.items() if address not in wanted and row.session_id is None]
    moved = [
        address
        for address, row in have.items()
        if address in wanted and row.session_id is None and row.address6 != wanted[address][1].address6
    ]
    for address in gone + moved:
        connection.execute(delete(addresses).where(addresses.c.address == address))
    new = [
        {"address": lease.address, "address6": lease.address6, "number": number, "free_at": 0}
        for number, lease in wanted.values()
        if lease.address not in have or lease.address in moved
    ]
    if new:
        connection.execute(insert(addresses), new)


def take_address(connection: Connection, session_id: str, now: int) -> Lease:
    """Raises Fault NO_ADDRESS_FREE."""
    free = connection.execute(
        select(addresses)
        .where(addresses.c.session_id.is_(None), addresses.c.free_at <= now)
        .order_by(addresses.c.free_at, addresses.c.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if free is None:
        raise Fault(Code.NO_ADDRESS_FREE)
    connection.execute(
        update(addresses)
        .where(addresses.c.address == free.address, addresses.c.session_id.is_(None))
        .values(session_id=session_id)
    )
    return Lease(free.address, free.address6)


def give_back(connection: Connection, session_id: str, free_at: int) -> None:
    connection.execute(
        update(addresses).where(addresses.c.session_id == session_id).values(session_id=None, free_at=free_at)
    )


def _pool(network: Network) -> list[Lease]:
    """Every host address, with its IPv6 twin at the same offset."""
    base, base6 = int(network.pool.network_address), network.pool6
    return [
        Lease(str(host), None if base6 is None else str(base6.network_address + (int(host) - base)))
        for host in network.pool.hosts()
    ]

"""Waiting for gateways' revisions without a thread for each who waits.

The truth is in the database, since another portal or `flexnet-admin` may have changed it. One task reads every
gateway's (revision, applied) while anybody waits: at once when this process changed something (`ring`), else every
`_EVERY_S`. Everybody who waits looks at what it read. With nobody waiting nothing is read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from flexnetd.portal.storage.database import Database
from flexnetd.portal.storage.gateways import positions

_EVERY_S = 0.25
_STRAGGLERS_S = 0.15
"""How long the other gateways may take once the first has confirmed."""

Positions = Mapping[str, tuple[int, int]]


class RevisionWatch:
    """Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = asyncio.Condition()
        self._bell = asyncio.Event()
        self._closed = False
        self._waiting = 0
        self._task: asyncio.Task[None] | None = None
        self._positions: Positions = {}

    def ring(self) -> None:
        """Something changed: look now."""
        self._bell.set()

    def close(self) -> None:
        """The portal stops: everybody who waits goes on with what is known."""
        self._closed = True
        self._bell.set()

    async def newer_than(self, gateway: str, revision: int, timeout_s: float) -> None:
        """Returns when the gateway's revision is another than `revision`, or after `timeout_s`."""
        await self._until(lambda told: told.get(gateway, (revision, 0))[0] != revision, timeout_s)

    async def confirmed(self, wanted: Mapping[str, int], timeout_s: float) -> bool:
        """True as soon as one gateway has applied its wanted revision, and the others a moment to do so as well."""

        def applied(told: Positions) -> int:
            return sum(told.get(gateway, (0, -1))[1] >= revision for gateway, revision in wanted.items())

        if not await self._until(lambda told: applied(told) > 0, timeout_s):
            return False
        await self._until(lambda told: applied(told) == len(wanted), _STRAGGLERS_S)
        return True

    async def all_confirmed(self, wanted: Mapping[str, int], timeout_s: float) -> bool:
        """True when every gateway has applied its wanted revision within `timeout_s`."""
        return await self._until(
            lambda told: all(told.get(gateway, (0, -1))[1] >= revision for gateway, revision in wanted.items()),
            timeout_s,
        )

    async def _until(self, holds: Callable[[Positions], bool], timeout_s: float) -> bool:
        self._waiting += 1
        self._bell.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_while_waited_for())
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._closed or holds(self._positions))
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1
        return holds(self._positions)

    async def _read_while_waited_for(self) -> None:
        while self._waiting:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), _EVERY_S)
            self._bell.clear()
            self._positions = await asyncio.to_thread(self._read)
            async with self._changed:
                self._changed.notify_all()

    def _read(self) -> Positions:
        with self._database.reading() as connection:
            return positions(connection)

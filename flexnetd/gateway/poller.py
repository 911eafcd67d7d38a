"""Asks the portal for lists, hands them to the keeper, confirms what was carried out. A thread of its own.

The rules:
- After anything that went wrong the whole list is asked for at once, without a revision, after a pause that doubles and
  is spread: an agent that was cut off must not wait for the next change.
- A trouble is told when it begins or changes, and when it is over: not at each try.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

from flexnetd.gateway.config import AgentConfig
from flexnetd.gateway.keeper import Ended, Keeper
from flexnetd.gateway.portal_link import PortalLink
from flexnetd.gateway.retry import pause_s
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.json_codec import Malformed

_LOG = logging.getLogger("flexnet-gateway")


class Poller:
    """`turned` is called in the poller's thread after each list that was carried out, and when the thread ends."""

    def __init__(self, config: AgentConfig, keeper: Keeper, turned: Callable[[], None]) -> None:
        self._host = config.portal.origin.host
        self._portal = PortalLink(config.portal)
        self._keeper = keeper
        self._turned = turned
        self._stop = threading.Event()
        self._trouble: Fault | None = None
        # Not waited for at the end: it may hang in a resolver, and what it brings then is not taken any more.
        self._thread = threading.Thread(target=self._work, name="poller", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    @property
    def works(self) -> bool:
        """False when it met something that nobody foresaw: then the agent cannot go on."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            self._poll()
        finally:
            self._turned()

    def _poll(self) -> None:
        revision: int | None = None
        failures = 0
        while not self._stop.is_set():
            try:
                revision = self._turn(revision)
            except Ended:
                return
            except Fault as trouble:
                revision = None
                failures += 1
                self._tell(trouble)
                self._stop.wait(pause_s(failures, random.random()))  # noqa: S311 - spreads load, guards nothing
            else:
                failures = 0
                self._tell(None)

    def _turn(self, revision: int | None) -> int:
        """One list; its revision. Raises Fault, Ended."""
        try:
            told = self._portal.peers(revision)
            applied = self._keeper.take(told)
            self._turned()
            self._portal.confirm(applied)
        except Malformed as wrong:
            raise Fault(Code.PORTAL_ANSWER_MALFORMED, host=self._host, field=wrong.field) from None
        return told.revision

    def _tell(self, trouble: Fault | None) -> None:
        if trouble == self._trouble:
            return
        if trouble is None:
            _LOG.info("the portal's list is carried out again")
        else:
            _LOG.warning("no list from the portal: %s", trouble)
        self._trouble = trouble

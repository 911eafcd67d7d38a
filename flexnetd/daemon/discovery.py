"""What the portals tell to strangers, asked for when somebody wants it and kept for as long as the portal said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flexnetd.daemon.loop import Loop
from flexnetd.daemon.portal_access import portal_access
from flexnetd.daemon.worker_client import Outcome, WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.factor import PROVABLE, Factor
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice
from flexnetd.model.profile import Profile
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import DiscoverRequest

Done = Callable[[Discovery | Fault], None]
FAILURE_KEPT_S = 5.0
"""Anybody may ask; a portal that is away is not asked more often than that."""


@dataclass(frozen=True, slots=True)
class _Known:
    found: Discovery | Fault
    fresh_until_s: float


class Discoveries:
    def __init__(self, loop: Loop, client: WorkerClient, notices_changed: Callable[[], None]) -> None:
        self._loop, self._client, self._notices_changed = loop, client, notices_changed
        self._known: dict[str, _Known] = {}
        self._notices: dict[str, tuple[Notice, ...]] = {}
        self._waiting: dict[str, list[Done]] = {}

    def discover(self, profile: Profile, done: Done) -> None:
        """`done` gets what is known while it is fresh; otherwise the portal is asked, once for all who wait."""
        known = self._known.get(profile.name)
        if known is not None and self._loop.now_s() < known.fresh_until_s:
            done(known.found)
            return
        waiting = self._waiting.setdefault(profile.name, [])
        waiting.append(done)
        if len(waiting) == 1:
            self._ask(profile)

    def notices(self) -> tuple[Notice, ...]:
        """Of every portal, in the order of their start."""
        found = [notice for notices in self._notices.values() for notice in notices]
        return tuple(sorted(found, key=lambda notice: (notice.starts_at, notice.id)))

    def learned(self, profile: str, notices: tuple[Notice, ...]) -> None:
        """Notices that came another way (with a session's view)."""
        if self._notices.get(profile, ()) != notices:
            self._notices[profile] = notices
            self._notices_changed()

    def factors(self, profile: Profile) -> frozenset[Factor]:
        """What this version can prove and the portal accepts; it is taken to accept everything until it was asked."""
        known = self._known.get(profile.name)
        accepted = known.found.factors if known and isinstance(known.found, Discovery) else PROVABLE
        return PROVABLE.intersection(accepted)

    def forget(self, profile: Profile) -> None:
        """What the portal said seems to hold no more: it is asked again when somebody next wants to know."""
        self._known.pop(profile.name, None)

    def _ask(self, profile: Profile) -> None:
        try:
            request = DiscoverRequest(portal_access(profile))
        except Fault as fault:
            self._answer(profile, fault)
            return
        self._client.start(request, lambda outcome: self._answer(profile, outcome))

    def _answer(self, profile: Profile, outcome: Outcome) -> None:
        found = outcome if isinstance(outcome, Discovery | Fault) else Fault(Code.WORKER_FAILED, detail="other result")
        kept_s = found.poll_after_s if isinstance(found, Discovery) else FAILURE_KEPT_S
        self._known[profile.name] = _Known(found, self._loop.now_s() + kept_s)
        if isinstance(found, Discovery):
            self.learned(profile.name, found.notices)
        for done in self._waiting.pop(profile.name, []):
            done(found)

"""What the portals tell to strangers, asked for when somebody wants it and kept for as long as the portal said."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flexnetd.daemon.loop import Loop
from flexnetd.daemon.notice_memory import in_order, of_one_portal, remember, remembered
from flexnetd.daemon.portal_access import portal_access
from flexnetd.daemon.profiles import notices_file
from flexnetd.daemon.worker_client import Outcome, WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.model.profile import Profile
from flexnetd.wire.portal import Discovery
from flexnetd.wire.worker import DiscoverRequest

Done = Callable[[Discovery | Fault], None]
FAILURE_KEPT_S = 5.0
"""Anybody may ask; a portal that is away is not asked more often than that."""
OF_A_MAINTENANCE = frozenset(
    {
        *(Code.PORTAL_UNREACHABLE, Code.PORTAL_TOO_SLOW, Code.PORTAL_FAILED, Code.PORTAL_BUSY, Code.PORTAL_REDIRECTS),
        *(Code.PORTAL_ANSWER_MALFORMED, Code.PORTAL_ANSWER_TOO_LARGE, Code.NO_GATEWAY),
    }
)
"""How a portal may fail while it is worked on. A certificate that is wrong is none of these, whatever is announced."""


@dataclass(frozen=True, slots=True)
class _Known:
    found: Discovery | Fault
    fresh_until_s: float


class Discoveries:
    def __init__(
        self, loop: Loop, client: WorkerClient, notices_changed: Callable[[], None], memory: Path | None = None
    ) -> None:
        self._loop, self._client, self._notices_changed = loop, client, notices_changed
        self._memory = memory or notices_file()
        self._known: dict[str, _Known] = {}
        self._notices: dict[str, tuple[Notice, ...]] = remembered(self._memory, time.time())
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
        return in_order(self._notices)

    def learned(self, profile: str, told: tuple[Notice, ...]) -> None:
        """Notices that came another way (with a session's view)."""
        notices = of_one_portal(told)
        if self._notices.get(profile, ()) != notices:
            self._notices[profile] = notices
            remember(self._memory, self._notices)
            self._notices_changed()

    def explained(self, profile: Profile, fault: Fault) -> Fault:
        """A portal that fails in the time of its announced maintenance: not its failure is told, but the end."""
        if fault.code not in OF_A_MAINTENANCE:
            return fault
        now = time.time()
        ends = [notice.ends_at for notice in self._notices.get(profile.name, ()) if _works_on(notice, now)]
        return Fault(Code.MAINTENANCE, ends_at=max(ends)) if ends else fault

    def factors(self, profile: Profile) -> frozenset[Factor]:
        """What the portal accepts; it is taken to accept everything until it was asked."""
        known = self._known.get(profile.name)
        return frozenset(known.found.factors if known and isinstance(known.found, Discovery) else Factor)

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
        if isinstance(found, Fault):
            found = self.explained(profile, found)
        kept_s = found.poll_after_s if isinstance(found, Discovery) else FAILURE_KEPT_S
        self._known[profile.name] = _Known(found, self._loop.now_s() + kept_s)
        if isinstance(found, Discovery):
            self.learned(profile.name, found.notices)
        for done in self._waiting.pop(profile.name, []):
            done(found)


def _works_on(notice: Notice, now: float) -> bool:
    return notice.kind is NoticeKind.MAINTENANCE and notice.under_way(now)

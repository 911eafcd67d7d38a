"""While somebody is signed in, the portal is asked now and then: whether the session still stands, and for its notices.

As often as the portal says. A portal that does not answer changes nothing: the tunnel does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flexnetd.daemon.loop import Loop, Timer
from flexnetd.daemon.portal_access import portal_access
from flexnetd.daemon.worker_client import Job, Outcome, WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice
from flexnetd.model.profile import Profile
from flexnetd.session.states import WITH_TUNNEL, Session
from flexnetd.wire.portal import SessionView
from flexnetd.wire.worker import SessionRequest


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait before the first question, after one that failed, and at least."""

    first_s: float = 60.0
    after_failure_s: float = 300.0
    shortest_s: float = 10.0


ENDED = frozenset({Code.SESSION_ENDED, Code.ACCOUNT_DISABLED})


class PortalPoll:
    def __init__(
        self,
        loop: Loop,
        client: WorkerClient,
        profile: Callable[[], Profile],
        learned: Callable[[str, tuple[Notice, ...]], None],
        on_ended: Callable[[Fault], None],
        pace: Pace = Pace(),  # noqa: B008 - a frozen value
    ) -> None:
        self._loop, self._client, self._profile = loop, client, profile
        self._learned, self._on_ended = learned, on_ended
        self._pace = pace
        self._timer: Timer | None = None
        self._job: Job | None = None
        self._session: Session | None = None

    def changed(self, session: Session) -> None:
        """Polls for as long as this is a session that was online."""
        stands = session.phase in WITH_TUNNEL and not session.first
        was, self._session = self._session is not None, session if stands else None
        if stands and not was:
            self._again_after(self._pace.first_s)
        elif was and not stands:
            self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._job is not None:
            self._job.cancel()
        self._timer = self._job = None

    def _again_after(self, seconds: float) -> None:
        self._timer = self._loop.after(max(seconds, self._pace.shortest_s), self._ask)

    def _ask(self) -> None:
        session = self._session
        if session is None or session.grant is None:
            return
        profile = self._profile()
        try:
            request = SessionRequest(portal_access(profile), session.grant.token)
        except Fault:
            self._again_after(self._pace.after_failure_s)
            return
        self._job = self._client.start(request, lambda outcome: self._answered(profile, outcome))

    def _answered(self, profile: Profile, outcome: Outcome) -> None:
        self._job = None
        if isinstance(outcome, SessionView):
            self._learned(profile.name, outcome.notices)
            self._again_after(outcome.poll_after_s)
        elif isinstance(outcome, Fault) and outcome.code in ENDED:
            self._on_ended(outcome)
        else:
            self._again_after(self._pace.after_failure_s)

"""Which profile the machine's one session belongs to; signing in, renewing, signing out."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.callers import Caller
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.logins import Logins
from flexnetd.daemon.loop import Loop
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.session import events as on
from flexnetd.session.states import Phase, Session

LEAVING_WITHIN_S = 15.0


class SessionDesk:
    def __init__(
        self,
        loop: Loop,
        conductor: Conductor,
        logins: Logins,
        moved: Callable[[Profile, Session], None],
    ) -> None:
        """`moved` is told when the machine's session becomes another profile's: whose it was, and how it stood."""
        self._loop, self._conductor, self._logins = loop, conductor, logins
        self._moved = moved
        self._active: Profile | None = None
        self._await_signed_out: list[Callable[[], None]] = []

    @property
    def active(self) -> Profile | None:
        """Whose session it is, or was last; None when there was none."""
        return self._active

    @property
    def profile(self) -> Profile:
        """Whose session it is. Only asked while there is one, or its traces are removed."""
        assert self._active is not None
        return self._active

    def is_active(self, name: str) -> bool:
        return self._active is not None and self._active.name == name

    def take(self, profile: Profile | None) -> None:
        """From now on the machine's session is this profile's. Only while nobody is signed in."""
        before = self._active
        self._active = profile
        if before is not None and (profile is None or profile.name != before.name):
            self._moved(before, self._conductor.session)

    def sign_in(self, caller: Caller, profile: Profile, username: str, factor: Factor, serial: int | None) -> int:
        """The login's number. Raises Fault: FACTOR_TOO_WEAK, and what refuses a login."""
        _refuse_weak(factor, profile)

        def event(number: int) -> on.SignInAsked:
            if self._conductor.session.phase is Phase.SIGNED_OUT:
                self.take(profile)
            return on.SignInAsked(number, caller.uid, factor, username, serial)

        return self._logins.begin(caller, event)

    def renew(self, caller: Caller, profile: Profile, factor: Factor | None, serial: int | None) -> int:
        """With the factor of the sign-in, when none is named."""
        chosen = factor or self._conductor.session.factor
        if chosen is None or not self.is_active(profile.name):
            raise Fault(Code.NOT_SIGNED_IN)
        _refuse_weak(chosen, profile)
        now_s = self._loop.now_s()
        return self._logins.begin(caller, lambda number: on.RenewAsked(number, caller.uid, chosen, now_s, serial))

    def disconnect(self, profile: Profile, done: Callable[[], None]) -> None:
        """`done` is called when the machine is clean, or has refused to be for LEAVING_WITHIN_S."""
        if not self.is_active(profile.name) or self._conductor.session.phase is Phase.SIGNED_OUT:
            raise Fault(Code.NOT_SIGNED_IN)
        self._conductor.handle(on.DisconnectAsked())
        self.when_not_leaving(done)

    def when_not_leaving(self, done: Callable[[], None]) -> None:
        """Calls `done`: at once, or when the machine is clean, or has refused to be for LEAVING_WITHIN_S."""
        if self._conductor.session.phase is not Phase.LEAVING:
            done()
            return
        self._await_signed_out.append(done)
        self._loop.after(LEAVING_WITHIN_S, self._answer_waiting)

    def changed(self, after: Session) -> None:
        if after.phase is Phase.SIGNED_OUT:
            self._answer_waiting()

    def _answer_waiting(self) -> None:
        waiting, self._await_signed_out = self._await_signed_out, []
        for done in waiting:
            done()


def _refuse_weak(factor: Factor, profile: Profile) -> None:
    if factor.strength < profile.weakest_factor.strength:
        raise Fault(Code.FACTOR_TOO_WEAK, factor=factor.value, weakest=profile.weakest_factor.value)

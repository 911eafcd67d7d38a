"""What stands behind a profile's methods: which profile the machine's one session belongs to, signing in, renewing,
signing out, discovering."""

from __future__ import annotations

from collections.abc import Callable

from flexnetd.daemon.callers import Caller
from flexnetd.daemon.conductor import Conductor
from flexnetd.daemon.discovery import Discoveries
from flexnetd.daemon.logins import Logins
from flexnetd.daemon.loop import Loop
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.session import events as on
from flexnetd.session.states import Phase, Session
from flexnetd.wire.portal import Discovery


class SessionDesk:
    def __init__(
        self,
        loop: Loop,
        conductor: Conductor,
        logins: Logins,
        discoveries: Discoveries,
        moved: Callable[[Profile, Session], None],
    ) -> None:
        """`moved` is told when the machine's session becomes another profile's: whose it was, and how it stood."""
        self._loop, self._conductor, self._logins, self._discoveries = loop, conductor, logins, discoveries
        self._moved = moved
        self._active: Profile | None = None
        self._await_signed_out: list[Callable[[], None]] = []

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

    def discover(self, profile: Profile, done: Callable[[Discovery | Fault], None]) -> None:
        self._discoveries.discover(profile, done)

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
        """`done` is called when the machine is clean."""
        if not self.is_active(profile.name) or self._conductor.session.phase is Phase.SIGNED_OUT:
            raise Fault(Code.NOT_SIGNED_IN)
        self._await_signed_out.append(done)
        self._conductor.handle(on.DisconnectAsked())

    def factors(self, profile: Profile) -> tuple[Factor, ...]:
        return self._discoveries.factors(profile)

    def changed(self, after: Session) -> None:
        if after.phase is Phase.SIGNED_OUT:
            waiting, self._await_signed_out = self._await_signed_out, []
            for done in waiting:
                done()


def _refuse_weak(factor: Factor, profile: Profile) -> None:
    if factor.strength < profile.weakest_factor.strength:
        raise Fault(Code.FACTOR_TOO_WEAK, factor=factor.value, weakest=profile.weakest_factor.value)

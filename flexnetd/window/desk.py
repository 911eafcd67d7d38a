"""Does what the person wants, and says which page to show. Knows no widgets: the window's main loop only calls
`deliver` when something has arrived, and `look_again` when the time has come that `next_look` tells.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from flexnetd.client.language import Language, msg
from flexnetd.client.live import Live
from flexnetd.client.moments import next_moment
from flexnetd.client.remembered import remember_user_name, remembered_user_name
from flexnetd.client.sign_in import SignIn
from flexnetd.client.slips import slip_text
from flexnetd.client.views import LoginPrompt, ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage, State
from flexnetd.window.activity import Activity, Asking, Examining, Failed, Idle, Purpose, Working
from flexnetd.window.page import chosen_profile, page
from flexnetd.window.view import View

_DIFFERENT = msg("The two are not the same. Please try again.")
_EMPTY = msg("Please fill in every field.")

AGAIN = " again"
"""Added to a field's name: the second entry of a new password."""


class Desk:
    """A Listener of SignIn. `on_view` is called whenever the page may be another; `on_first` at the first success."""

    def __init__(
        self,
        language: Language,
        on_view: Callable[[], None],
        on_arrival: Callable[[], None] = lambda: None,
        on_first: Callable[[], None] = lambda: None,
    ) -> None:
        self._language, self._on_view, self._on_first = language, on_view, on_first
        self._live = Live(self._known_changed, on_arrival)
        self._activity: Activity = Idle()
        self._sign_in: SignIn | None = None
        self._profile: ProfileView | None = None
        self._purpose = Purpose.SIGN_IN
        self._user_name = ""
        self._asked = 0
        self._wanted = ""
        self._pending: Purpose | None = None
        self._discovered: set[str] = set()
        self._settled: Idle | None = None
        self._tray = True

    # -- what the main loop calls

    def connect(self) -> None:
        self._live.connect()

    def deliver(self) -> None:
        self._live.deliver()

    def view(self) -> View:
        return page(self._live.known, self._activity, self._wanted, self._language, time.time(), tray=self._tray)

    def next_look(self) -> float | None:
        """Seconds from now; None = not by the clock."""
        now = time.time()
        moment = next_moment(self._live.known, now)
        return None if moment is None else moment - now

    def tray_is_there(self, *, there: bool) -> None:
        """Whether the desktop shows icons like the applet's."""
        self._tray = there
        self._on_view()

    # -- what the person wants

    def begin(self, purpose: Purpose) -> None:
        """At once, or as soon as a profile is known; nothing while something else goes on."""
        profile = chosen_profile(self._live.known, self._wanted)
        if profile is None:
            self._pending = purpose if self._live.known.overview is None else None
            return
        if isinstance(self._activity, Asking | Working):
            return
        self._profile, self._purpose, self._user_name = profile, purpose, ""
        self._do(Working(purpose))
        if purpose is Purpose.SIGN_OUT:
            self._live.disconnect(profile, self.ended)
        elif self._live.bus is not None:
            self._sign_in = SignIn(self._live.bus, self)
            self._sign_in.start(profile, {}, renew=purpose is Purpose.RENEW)

    def submit(self, typed: Mapping[str, Secret]) -> None:
        """The form's entries by the names of its fields; a second one by its name with AGAIN."""
        if not isinstance(self._activity, Asking) or self._sign_in is None:
            return
        asking = self._activity
        complaint = self._complaint(asking.prompts, typed)
        if complaint:
            self._do(replace(asking, complaint=complaint, attempt=asking.attempt + 1))
            return
        for prompt in asking.prompts:
            if prompt.kind is PromptKind.USERNAME:
                self._user_name = typed[prompt.name].reveal().strip()
        answers = {prompt.name: self._answer(prompt, typed) for prompt in asking.prompts}
        self._do(Working(self._purpose))
        self._sign_in.answer(answers)

    def cancel(self) -> None:
        if self._sign_in is not None:
            self._sign_in.cancel()

    def back(self) -> None:
        self._do(Idle())

    def retry(self) -> None:
        """Connects to the service anew."""
        self._sign_in = None
        self._activity = Idle()
        self._live.connect()

    def choose(self, profile: str) -> None:
        self._wanted = profile
        self._on_view()

    # -- a computer that knows no operator

    def import_profile(self, path: str) -> None:
        """The file is opened here, with the person's own rights, and handed over open."""
        if isinstance(self._activity, Asking | Working):
            return
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            self._imported(Fault(Code.ARGUMENT_INVALID, argument=path))
            return
        self._do(Working(Purpose.IMPORT))
        try:
            self._live.import_profile(file, self._imported)
        finally:
            os.close(file)

    def _imported(self, fault: Fault | None) -> None:
        self._do(Idle() if fault is None else Failed(Purpose.IMPORT, fault))

    # -- looking for the cause

    def examine(self) -> bool:
        """Whether it may begin now; `heard` then gets what is found."""
        if isinstance(self._activity, Asking | Working):
            return False
        self._do(Examining())
        return True

    def heard(self, line: str | None) -> None:
        """None: there is no more."""
        if isinstance(self._activity, Examining):
            activity = self._activity
            self._do(replace(activity, over=True) if line is None else activity.with_line(line))

    # -- what the login says

    def stage_reached(self, stage: Stage) -> None:
        if stage is not Stage.INPUT:
            self._do(Working(self._purpose, stage))

    def asked(self, prompts: tuple[LoginPrompt, ...]) -> None:
        assert self._profile is not None
        self._asked += 1
        known = self._user_name or remembered_user_name(self._profile.name)
        self._do(Asking(self._purpose, prompts, known, number=self._asked))

    def ended(self, fault: Fault | None) -> None:
        self._sign_in = None
        if fault is None:
            self._succeeded()
        elif fault.code is Code.CANCELLED:
            self._do(Idle())
        else:
            self._do(Failed(self._purpose, fault))

    def _succeeded(self) -> None:
        assert self._profile is not None
        self._settled = Idle(renewed=self._purpose is Purpose.RENEW)
        self._settle()
        if self._purpose is Purpose.SIGN_IN and self._user_name:
            first = not remembered_user_name(self._profile.name)
            remember_user_name(self._profile.name, self._user_name)
            if first:
                self._on_first()

    # -- the inside

    def _known_changed(self) -> None:
        known = self._live.known
        for profile in known.profiles:
            if profile.name not in self._discovered:
                self._discovered.add(profile.name)
                self._live.discover(profile)
        if self._pending is not None and known.overview is not None:
            pending, self._pending = self._pending, None
            self.begin(pending)
        self._settle()
        self._give_way()
        self._on_view()

    def _give_way(self) -> None:
        """A service that went away takes what was going on with it; a failure is over when a session is there again."""
        profile = chosen_profile(self._live.known, self._wanted)
        connected = profile is not None and profile.session.mine and profile.session.state is State.ONLINE
        failed_before = isinstance(self._activity, Failed) and self._activity.purpose is Purpose.SIGN_IN
        gone = self._live.known.fault is not None and not isinstance(self._activity, Examining)
        if gone or (connected and failed_before):
            self._sign_in, self._settled, self._activity = None, None, Idle()

    def _settle(self) -> None:
        """What was done is over when the service's state tells of it too: no page in between says otherwise."""
        profile = chosen_profile(self._live.known, self._profile.name if self._profile is not None else "")
        if self._settled is None or profile is None:
            return
        signed_out = profile.session.state is State.SIGNED_OUT
        if signed_out == (self._purpose is Purpose.SIGN_OUT):
            settled, self._settled = self._settled, None
            self._do(settled)

    def _do(self, activity: Activity) -> None:
        self._activity = activity
        self._on_view()

    def _answer(self, prompt: LoginPrompt, typed: Mapping[str, Secret]) -> Secret:
        return Secret(self._user_name) if prompt.kind is PromptKind.USERNAME else typed[prompt.name]

    def _complaint(self, prompts: tuple[LoginPrompt, ...], typed: Mapping[str, Secret]) -> str:
        """What is wrong with the answers, in words; "" when nothing is. Nothing is sent that is known to be wrong."""
        assert self._profile is not None
        for prompt in prompts:
            answer = typed[prompt.name]
            slip = slip_text(self._language, prompt.kind, answer, self._profile.factors)
            if slip:
                return slip
            if not answer.reveal().strip():
                return self._language.text(_EMPTY)
            if prompt.kind is PromptKind.NEW_PASSWORD and typed[prompt.name + AGAIN] != answer:
                return self._language.text(_DIFFERENT)
        return ""

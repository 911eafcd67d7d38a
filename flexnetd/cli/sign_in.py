"""`flexnet sign-in`, `renew` and `sign-out`."""

from __future__ import annotations

import contextlib
import time
from argparse import Namespace

from flexnetd.cli.exit_codes import ExitCode
from flexnetd.cli.polkit_agent import polkit_agent
from flexnetd.cli.terminal import FRAME_S, Terminal
from flexnetd.client.duties import duty_lines
from flexnetd.client.flexnet import FlexNet
from flexnetd.client.language import msg
from flexnetd.client.phrases import CONNECTED_UNTIL, EXTENDED_UNTIL, PROMPTS, STAGES, STATES
from flexnetd.client.remembered import remember_user_name, remembered_user_name
from flexnetd.client.sentences.facts import printable
from flexnetd.client.sign_in import SignIn
from flexnetd.client.slips import slip_text
from flexnetd.client.times import time_text
from flexnetd.client.views import LoginPrompt, ProfileView
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage, State

CANCEL_WITHIN_S = 5.0

_AGAIN = msg("New password once more")
_DIFFERENT = msg("The two are not the same. Please try again.")
_SIGNED_OUT = msg("Signed out")


def sign_in(options: Namespace, terminal: Terminal, flexnet: FlexNet, profile: ProfileView) -> ExitCode:
    chosen = {"username": options.username, "factor": options.factor, "serial": options.serial}
    login = _Login(flexnet, terminal, profile, _factors(options, profile))
    try:
        login.run({name: value for name, value in chosen.items() if value is not None}, renew=False)
    except Fault as fault:
        if fault.code is Code.POSTURE_FAILED:
            _tell_duties(flexnet, terminal)
        raise
    remember_user_name(profile.name, options.username or login.username)
    terminal.say(_success(flexnet, terminal, profile, CONNECTED_UNTIL))
    _tell_duties(flexnet, terminal)
    return ExitCode.DONE


def _tell_duties(flexnet: FlexNet, terminal: Terminal) -> None:
    """What this computer lacks, with what to do: why the sign-in was refused, or what the operator only warns of."""
    with contextlib.suppress(Fault):
        for line in duty_lines(flexnet.overview().posture, terminal.language):
            terminal.tell(line)


def renew(options: Namespace, terminal: Terminal, flexnet: FlexNet, profile: ProfileView) -> ExitCode:
    chosen = {"factor": options.factor, "serial": options.serial}
    login = _Login(flexnet, terminal, profile, _factors(options, profile))
    login.run({name: value for name, value in chosen.items() if value is not None}, renew=True)
    terminal.say(_success(flexnet, terminal, profile, EXTENDED_UNTIL))
    return ExitCode.DONE


def sign_out(_: Namespace, terminal: Terminal, flexnet: FlexNet, profile: ProfileView) -> ExitCode:
    with polkit_agent(wanted=terminal.interactive):
        flexnet.disconnect(profile, terminal.spin)
    terminal.say(terminal.language.text(_SIGNED_OUT) + ".")
    return ExitCode.DONE


class _Login:
    """One login at this terminal: a Listener of SignIn."""

    def __init__(self, flexnet: FlexNet, terminal: Terminal, profile: ProfileView, factors: tuple[Factor, ...]) -> None:
        """`factors` are those that the person may be about to use."""
        self._flexnet, self._terminal, self._profile, self._factors = flexnet, terminal, profile, factors
        self._sign_in = SignIn(flexnet.bus, self)
        self._fault: Fault | None = None
        self.username = ""

    def run(self, options: dict[str, str | int], *, renew: bool) -> None:
        """Returns after success. Raises Fault; CANCELLED after Ctrl-C, when the service knows of it."""
        with polkit_agent(wanted=self._terminal.interactive):
            try:
                self._sign_in.start(self._profile, options, renew=renew)
                while not self._sign_in.over:
                    self._turn()
            except (KeyboardInterrupt, EOFError):
                self._cancel()
            except Fault as fault:
                if fault.code is Code.ARGUMENT_INVALID:  # an answer that is no text: the login would wait for another
                    self._cancel()
                raise
            finally:
                self._terminal.rest()
        if self._fault is not None:
            raise self._fault

    def stage_reached(self, stage: Stage) -> None:
        text = self._terminal.language.text(STAGES[stage])
        if stage is Stage.TOUCH:
            # Somebody has to do something now: said even where nobody would see a spinner.
            self._terminal.tell(text + ".")
        if stage is not Stage.INPUT:
            self._terminal.work_on(text)

    def asked(self, prompts: tuple[LoginPrompt, ...]) -> None:
        self._sign_in.answer({prompt.name: self._answer(prompt) for prompt in prompts})

    def ended(self, fault: Fault | None) -> None:
        self._fault = fault

    def _answer(self, prompt: LoginPrompt) -> Secret:
        question = self._terminal.language.text(PROMPTS[prompt.kind])
        if prompt.kind is PromptKind.USERNAME:
            return self._user_name(question, prompt)
        if prompt.kind is PromptKind.NEW_PASSWORD and self._terminal.interactive:
            return self._new_password(question)
        return self._ask(question, prompt.kind, hidden=prompt.hidden or prompt.kind.hidden)

    def _ask(self, question: str, kind: PromptKind, *, hidden: bool) -> Secret:
        """Asks a person again who just presses Enter (the service takes no empty answer) or made a slip.

        A script is not corrected: it gets the service's answer.
        """
        while True:
            answer = self._terminal.ask(question, hidden=hidden)
            if not self._terminal.interactive:
                return answer
            slip = slip_text(self._terminal.language, kind, answer, self._factors)
            if slip:
                self._terminal.tell(slip)
            elif answer:
                return answer

    def _user_name(self, question: str, prompt: LoginPrompt) -> Secret:
        known = prompt.hint or remembered_user_name(self._profile.name)
        question += f" [{printable(known)}]" if known else ""
        self.username = self._terminal.ask(question, hidden=False).reveal().strip() or known
        return Secret(self.username)

    def _new_password(self, question: str) -> Secret:
        language = self._terminal.language
        while True:
            first = self._ask(question, PromptKind.NEW_PASSWORD, hidden=True)
            if first == self._terminal.ask(language.text(_AGAIN), hidden=True):
                return first
            self._terminal.tell(language.text(_DIFFERENT))

    def _turn(self) -> None:
        self._flexnet.bus.wait(FRAME_S)
        self._terminal.spin()

    def _cancel(self) -> None:
        """Tells the service, and waits for a moment until it has heard."""
        self._fault = Fault(Code.CANCELLED)
        until = time.monotonic() + CANCEL_WITHIN_S
        with contextlib.suppress(KeyboardInterrupt):
            self._sign_in.cancel()
            while not self._sign_in.over and time.monotonic() < until:
                self._flexnet.bus.wait(FRAME_S)


def _factors(options: Namespace, profile: ProfileView) -> tuple[Factor, ...]:
    return (Factor(options.factor),) if options.factor else profile.factors


def _success(flexnet: FlexNet, terminal: Terminal, profile: ProfileView, words: str) -> str:
    language = terminal.language
    ends_at = None
    with contextlib.suppress(Fault):
        ends_at = flexnet.details(profile).ends_at
    if ends_at is None:
        return language.text(STATES[State.ONLINE]) + "."
    return language.text(words, time=time_text(language, ends_at, time.time())) + "."

"""Walks a login from its start to its end, for the command line and the window alike.

The service asks, the person answers: after `SignIn.start` the listener hears of every stage, is asked whenever the
login wants input (more than once when a password has expired), and hears the end exactly once. Nothing here blocks: it
runs from `Bus.deliver`, so a program with its own main loop stays alive. Losing the service ends the login with
DAEMON_ABSENT.

What the login asks is asked once: until the service has taken an answer, and for as long as it tells nothing new, the
prompts that it shows are the old ones. A signal after that asks anew, even for the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from flexnetd.client import views
from flexnetd.client.bus import Arrival, Bus, OwnerChanged, Reply, Signal, variants
from flexnetd.client.views import LoginPrompt, LoginView, ProfileView
from flexnetd.model.bus_names import LOGIN, PROFILE
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault, fault_from_wire
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import Stage

_PROPERTIES = "org.freedesktop.DBus.Properties"

Options = Mapping[str, str | int]
"""`username`, `factor` (a word of Factor), `serial`: each may be left out."""


class Listener(Protocol):
    """Who shows the login to the person."""

    def stage_reached(self, stage: Stage) -> None: ...

    def asked(self, prompts: tuple[LoginPrompt, ...]) -> None:
        """Answer with `SignIn.answer`, at once or later, or `SignIn.cancel`."""

    def ended(self, fault: Fault | None) -> None:
        """None is success."""


class SignIn:
    """One login or renewal of `profile`."""

    def __init__(self, bus: Bus, listener: Listener) -> None:
        self._bus, self._listener = bus, listener
        self._path = ""
        self._stage: Stage | None = None
        self._asking = False
        self._answering = False
        self._answered: tuple[LoginPrompt, ...] = ()
        self._cancelled = False
        self._early: list[Signal] = []
        self._properties: dict[str, Any] = {}
        self.over = False
        self._stop_listening = bus.listen(self._arrived)

    def start(self, profile: ProfileView, options: Options, *, renew: bool = False) -> None:
        """Begins. Every way in which this fails is told by `Listener.ended`."""
        member = "Renew" if renew else "SignIn"
        try:
            told = variants(options)
        except Fault as fault:
            self._end(fault)
            return
        self._bus.call_later(self._started, profile.path, PROFILE, member, "a{sv}", told, asks=True)

    def answer(self, answers: Mapping[str, Secret]) -> None:
        """What the person typed, by the name of the prompt."""
        self._asking, self._answering = False, True
        try:
            told = variants(answers)
        except Fault as fault:
            self._answer_taken(fault)
            return
        self._bus.call_later(self._answer_taken, self._path, LOGIN, "Answer", "a{sv}", told)

    def cancel(self) -> None:
        """Ends the login at the service. The listener hears CANCELLED."""
        self._cancelled = True
        if self._path and not self.over:
            self._bus.call_later(self._cancel_answered, self._path, LOGIN, "Cancel")

    # -- what the service says

    def _started(self, reply: Reply) -> None:
        if isinstance(reply, Fault):
            self._end(reply)
            return
        self._path = str(reply[0])
        if self._cancelled:
            self.cancel()
            return
        early, self._early = self._early, []
        for signal in early:
            self._arrived(signal)
        if not self.over:
            self._bus.call_later(self._properties_read, self._path, _PROPERTIES, "GetAll", "s", LOGIN)

    def _properties_read(self, reply: Reply) -> None:
        if self.over:
            return
        if isinstance(reply, Fault):
            self._end(reply)
        else:
            self._changed(reply[0])

    def _changed(self, properties: Mapping[str, Any]) -> None:
        """Every stage is shown in turn: what changed is taken from the signal, so that a short stage is not missed."""
        self._properties.update(properties)
        if {"Stage", "Prompts"} <= set(self._properties):
            self._show(views.read(views.login_from_properties, self._properties))

    def _answer_taken(self, reply: Reply) -> None:
        """A login that is over has said why by Finished, which comes before this. One that refuses it lives on."""
        self._answering = False
        if self.over:
            return
        if isinstance(reply, Fault):
            self.cancel()
            self._end(reply)
        else:
            self._changed({})

    def _cancel_answered(self, _: Reply) -> None:
        self._end(Fault(Code.CANCELLED))

    def _arrived(self, arrival: Arrival) -> None:
        match arrival:
            case OwnerChanged():
                self._end(Fault(Code.DAEMON_ABSENT))
            case Signal() if not self._path:
                self._early.append(arrival)
            case Signal(path=self._path, interface=interface, member="Finished") if interface == LOGIN:
                self._finished(*arrival.arguments)
            case Signal(path=self._path, member="PropertiesChanged") if arrival.arguments[0] == LOGIN:
                if not self._answering and not self._asking:
                    self._answered = ()  # it came after the answer: what it asks, it asks anew
                self._changed(arrival.arguments[1])
            case _:
                pass

    def _finished(self, code: str, facts: Mapping[str, Any]) -> None:
        self._end(fault_from_wire(code, facts) if code else None)

    def _show(self, view: LoginView) -> None:
        if view.stage is not self._stage and view.stage is not Stage.FINISHED:
            self._stage = view.stage
            self._listener.stage_reached(view.stage)
        if view.stage is not Stage.INPUT:
            self._answered = ()
        elif view.prompts and view.prompts != self._answered and not self._asking and not self._answering:
            self._asking, self._answered = True, view.prompts
            self._listener.asked(view.prompts)

    def _end(self, fault: Fault | None) -> None:
        if self.over:
            return
        self.over = True
        self._stop_listening()
        self._listener.ended(fault)

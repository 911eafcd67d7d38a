"""The logins under way: whose they are, their objects on the bus, and their limits (one a person, four in all)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flexnetd.daemon.bus.facts import fault_on_bus
from flexnetd.daemon.bus.login import LOGIN, LoginPart
from flexnetd.daemon.bus.objects import BusObject, Objects
from flexnetd.daemon.callers import Caller
from flexnetd.daemon.conductor import Conductor
from flexnetd.model.bus_names import LOGIN_PATH
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import Login, Session

MOST_LOGINS = 4


@dataclass(slots=True)
class _Entry:
    """A login as its object shows it."""

    number: int
    caller: Caller
    conductor: Conductor

    @property
    def path(self) -> str:
        return f"{LOGIN_PATH}{self.number}"

    @property
    def _login(self) -> Login | None:
        login = self.conductor.session.login
        return login if login is not None and login.id == self.number else None

    @property
    def stage(self) -> Stage:
        return self._login.stage if self._login else Stage.FINISHED

    @property
    def prompts(self) -> tuple[PromptKind, ...]:
        return self._login.asked if self._login and self._login.stage is Stage.INPUT else ()

    def answer(self, answers: Mapping[PromptKind, Secret]) -> None:
        if self._login is None:
            raise Fault(Code.LOGIN_GONE)
        if not set(answers) & set(self.prompts):
            raise Fault(Code.ARGUMENT_INVALID, argument="answers")
        self.conductor.handle(on.AnswersGiven(self.number, answers))

    def cancel(self) -> None:
        self.conductor.handle(on.LoginAbandoned(self.number, Fault(Code.CANCELLED)))


class Logins:
    def __init__(self, conductor: Conductor, objects: Objects, first_number: int) -> None:
        """`first_number` is greater than any that a daemon before this one gave: a path never means another login."""
        self._conductor, self._objects = conductor, objects
        self._entries: dict[int, _Entry] = {}
        self._refused: dict[int, Fault] = {}
        self._numbers = itertools.count(first_number)

    def begin(self, caller: Caller, event: Callable[[int], on.SignInAsked | on.RenewAsked]) -> int:
        """The number of a new login, begun with the event that `event` makes of it. Raises Fault."""
        if len(self._entries) >= MOST_LOGINS:
            raise Fault(Code.TOO_MANY_LOGINS)
        if any(entry.caller.uid == caller.uid for entry in self._entries.values()):
            raise Fault(Code.TOO_MANY_LOGINS)
        number = next(self._numbers)
        entry = self._entries[number] = _Entry(number, caller, self._conductor)
        self._publish(entry)
        self._conductor.handle(event(number))
        fault = self._refused.pop(number, None)
        if fault is not None:
            self._drop(entry)
            raise fault
        return number

    def refuse(self, effect: do.Refuse) -> None:
        self._refused[effect.login] = effect.fault

    def finish(self, effect: do.FinishLogin) -> None:
        """Tells its owner how it ended; then the object goes."""
        entry = self._entries.get(effect.login)
        if entry is not None:
            self._objects.emit(entry.path, LOGIN, "Finished", fault_on_bus(effect.fault), entry.caller.connection)
            self._drop(entry)

    def changed(self, before: Session, after: Session) -> None:
        """Tells what changed of a login's stage and prompts."""
        if before.login == after.login or after.login is None or after.login.id not in self._entries:
            return
        old = before.login if before.login and before.login.id == after.login.id else None
        names = []
        if old is None or old.stage is not after.login.stage:
            names.append("Stage")
        if old is None or old.asked != after.login.asked or "Stage" in names:
            names.append("Prompts")
        self._objects.changed(f"{LOGIN_PATH}{after.login.id}", LOGIN.name, tuple(names))

    def connection_gone(self, connection: str) -> None:
        """Who began a login and left the bus has given it up."""
        for entry in list(self._entries.values()):
            if entry.caller.connection == connection:
                entry.cancel()

    def _publish(self, entry: _Entry) -> None:
        part = LoginPart(entry, entry.answer, entry.cancel)
        uid = entry.caller.uid
        self._objects.add(BusObject(entry.path, (part,), lambda: uid, private_to=entry.caller.connection))

    def _drop(self, entry: _Entry) -> None:
        del self._entries[entry.number]
        self._objects.remove(entry.path)

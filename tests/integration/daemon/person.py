"""A person at the bus, from the test's side: each call is made by that person's own connection and process."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from flexnetd.model.bus_names import ERROR_PREFIX, LOGIN, MANAGER, PROFILE, PROFILE_PATH, ROOT_PATH, SESSION
from tests.bed.await_ import until
from tests.bed.laptop.accounts import Account
from tests.bed.laptop.laptop import Laptop
from tests.bed.laptop.sessions import SessionKind
from tests.bed.world.process import PYTHON

PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROGRAM = [PYTHON, "-m", "tests.integration.daemon.person_process"]


class Denied(Exception):  # noqa: N818 - reads as what happened
    """The service's answer was an error."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name, self.text = name, text

    @property
    def code(self) -> str:
        """FN-nnn, "" for an error that is not ours."""
        return str(json.loads(self.text)["code"]) if self.name.startswith(ERROR_PREFIX) else ""

    @property
    def facts(self) -> dict[str, Any]:
        facts = json.loads(self.text)["facts"]
        assert isinstance(facts, dict)
        return facts


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal of the service."""

    path: str
    interface: str
    member: str
    arguments: list[Any]


class Person:
    """`session` None: in no session, as a service would be."""

    def __init__(self, laptop: Laptop, who: Account, session: SessionKind | None = SessionKind.LOCAL) -> None:
        self._process = laptop.popen_as(who, PROGRAM, session=session, stdin=subprocess.PIPE)
        self._answers: deque[dict[str, Any]] = deque()
        self._arrived = threading.Condition()
        self.heard: list[Heard] = []
        self._stray: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._await(lambda: bool(self._answers), 20)
        self._answers.popleft()

    def __enter__(self) -> Person:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Its connection leaves the bus."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait(10)
        self._reader.join(10)
        self._process.stdout.close()

    def call(self, path: str, interface: str, member: str, signature: str = "", *arguments: object) -> Any:
        """The answer: None, one value or a list. Raises Denied."""
        self.ask(path, interface, member, signature, *arguments)
        return self.answer()

    def ask(self, path: str, interface: str, member: str, signature: str = "", *arguments: object) -> None:
        """Asks and does not wait; `answer` gives the answers in their order."""
        self._say(call=[path, interface, member, signature, list(arguments)])

    def answer(self, within_s: float = 30) -> Any:
        self._await(lambda: bool(self._answers), within_s)
        answer = self._answers.popleft()
        if "error" in answer:
            raise Denied(answer["error"], answer["text"])
        reply = answer["reply"]
        return reply if len(reply) > 1 else (reply[0] if reply else None)

    def own(self, name: str) -> int:
        self._say(own=name)
        return int(self.answer())

    def send_signal(
        self, destination: str, path: str, interface: str, member: str, signature: str, *arguments: object
    ) -> None:
        self._say(send=[destination, path, interface, member, signature, list(arguments)])
        self.answer()

    def hand_over(self, path: str, interface: str, member: str, text: str) -> Any:
        """Calls with one open file that holds `text`."""
        self._say(fd=[path, interface, member, text])
        return self.answer()

    # -- in the words of the API

    def property(self, path: str, interface: str, name: str) -> Any:
        return self.call(path, PROPERTIES, "Get", "ss", interface, name)

    def state(self, profile: str) -> str:
        return str(self.property(PROFILE_PATH + profile, SESSION, "State"))

    def await_state(self, profile: str, *states: str, within_s: float = 10) -> str:
        """The state, once it is one of these."""
        until(lambda: self.state(profile) in states, within_s, " or ".join(states))
        return self.state(profile)

    def states_told(self, profile: str) -> list[str]:
        """The states that were told by signals so far."""
        told = [h.arguments for h in self.heard if h.path == PROFILE_PATH + profile and h.member == "PropertiesChanged"]
        return [str(changed["State"]) for interface, changed, *_ in told if interface == SESSION and "State" in changed]

    def reason(self, profile: str) -> str:
        return str(self.property(PROFILE_PATH + profile, SESSION, "Reason")[0])

    def objects(self) -> dict[str, Any]:
        told = self.call(ROOT_PATH, OBJECT_MANAGER, "GetManagedObjects")
        assert isinstance(told, dict)
        return told

    def health(self) -> list[str]:
        return [code for code, _ in self.property(ROOT_PATH, MANAGER, "Health")]

    def sign_in(self, profile: str, **options: object) -> str:
        """The path of the login."""
        return str(self.call(PROFILE_PATH + profile, PROFILE, "SignIn", "a{sv}", options))

    def renew(self, profile: str, **options: object) -> str:
        return str(self.call(PROFILE_PATH + profile, PROFILE, "Renew", "a{sv}", options))

    def give(self, login: str, answers: Mapping[str, object]) -> None:
        self.call(login, LOGIN, "Answer", "a{sv}", dict(answers))

    def cancel(self, login: str) -> None:
        self.call(login, LOGIN, "Cancel")

    def disconnect(self, profile: str) -> None:
        self.call(PROFILE_PATH + profile, PROFILE, "Disconnect")

    def prompts(self, login: str) -> list[str]:
        return [name for name, *_ in self.property(login, LOGIN, "Prompts")]

    def finished(self, login: str, within_s: float = 20) -> str:
        """The code with which the login ended, "" for success."""
        self._await(lambda: any(h.path == login and h.member == "Finished" for h in self.heard), within_s)
        return str(next(h.arguments[0] for h in self.heard if h.path == login and h.member == "Finished"))

    def await_signal(self, found: Callable[[Heard], bool], within_s: float = 10) -> Heard:
        self._await(lambda: any(map(found, self.heard)), within_s)
        return next(filter(found, self.heard))

    # -- the line to the process

    def _say(self, **message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            line = raw.decode(errors="replace")
            with self._arrived:
                self._take(line)
                self._arrived.notify_all()
        with self._arrived:
            self._arrived.notify_all()

    def _take(self, line: str) -> None:
        if not line.startswith("{"):
            self._stray.append(line)
            return
        message = json.loads(line)
        if "signal" in message:
            self.heard.append(Heard(*message["signal"]))
        else:
            self._answers.append(message)

    def _await(self, holds: Callable[[], bool], within_s: float) -> None:
        with self._arrived:
            came = self._arrived.wait_for(lambda: holds() or self._process.poll() is not None, within_s)
        if not came or not holds():
            raise AssertionError(f"not within {within_s} s; {''.join(self._stray)}{os.linesep}{self.heard[-5:]}")

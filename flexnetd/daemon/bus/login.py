"""org.flexnetd.FlexNet1.Login: one sign-in or renewal under way. Only the person who began it sees it.

The daemon asks, the user interface answers: `Prompts` says what is needed, its `kind` selects the text in the client's
own catalogue. No text from the portal is ever shown as a question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from flexnetd.daemon.bus.objects import Call, Handler, Reader
from flexnetd.daemon.bus.options import answers_of
from flexnetd.daemon.bus.spec import Argument, Interface, Method, Property, Signal
from flexnetd.model.bus_names import LOGIN as NAME
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage

LOGIN = Interface(
    NAME,
    "A sign-in or a renewal under way.",
    methods=(
        Method(
            "Answer",
            "Answers to the prompts, by name. A touch is answered at the key.",
            (Argument("answers", "a{sv}"),),
        ),
        Method("Cancel", "Ends the login; the key is given back."),
    ),
    properties=(
        Property("Stage", "s", "input, contacting, touch, verifying, connecting or finished."),
        Property("Prompts", "a(sssb)", "What is needed: name, kind, hint, whether it is hidden while typed."),
    ),
    signals=(
        Signal(
            "Finished",
            "By unicast, to the connection that began the login: code and facts; the code is empty after a success.",
            (Argument("code", "s"), Argument("facts", "a{sv}")),
        ),
    ),
)


class LoginView(Protocol):
    @property
    def stage(self) -> Stage: ...
    @property
    def prompts(self) -> tuple[PromptKind, ...]: ...


class LoginPart:
    def __init__(
        self,
        view: LoginView,
        answer: Callable[[Mapping[PromptKind, Secret]], None],
        cancel: Callable[[], None],
    ) -> None:
        """`answer` and `cancel` raise Fault LOGIN_GONE when the login has ended meanwhile."""
        self.interface = LOGIN
        self._answer_to, self._cancel_it = answer, cancel
        self.readers: Mapping[str, Reader] = {
            "Stage": lambda _caller: view.stage.value,
            "Prompts": lambda _caller: [(kind.value, kind.value, "", kind.hidden) for kind in view.prompts],
        }
        self.handlers: Mapping[str, Handler] = {"Answer": self._answer, "Cancel": self._cancel}

    def _answer(self, call: Call) -> tuple[object, ...]:
        self._answer_to(answers_of(call.arguments[0]))
        return ()

    def _cancel(self, _call: Call) -> tuple[object, ...]:
        self._cancel_it()
        return ()

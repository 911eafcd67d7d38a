"""The client as a library, as a window will use it: in this process, with callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from flexnetd.client.bus import OwnerChanged
from flexnetd.client.flexnet import FlexNet
from flexnetd.client.sign_in import SignIn
from flexnetd.client.views import LoginPrompt
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage, State
from tests.bed.scripted_flexnetd import PrivateBus
from tests.integration.cli.conftest import Serve

Connect = Callable[..., FlexNet]
WITHIN_S = 0.05
MOST_TURNS = 200


class Window:
    """A Listener that writes down what it hears and answers with `answers`, at once."""

    def __init__(self, flexnet: FlexNet, *answers: dict[str, str]) -> None:
        self.heard: list[object] = []
        self._answers = iter(answers)
        self._flexnet = flexnet
        self.sign_in = SignIn(flexnet.bus, self)

    def stage_reached(self, stage: Stage) -> None:
        self.heard.append(stage)

    def asked(self, prompts: tuple[LoginPrompt, ...]) -> None:
        self.heard.append(tuple(prompt.kind for prompt in prompts))
        self.sign_in.answer({name: Secret(text) for name, text in next(self._answers).items()})

    def ended(self, fault: Fault | None) -> None:
        self.heard.append(fault)

    def run(self) -> list[object]:
        """Until the end; the turns of a main loop."""
        for _ in range(MOST_TURNS):
            if self.sign_in.over:
                return self.heard
            self._flexnet.bus.wait(WITHIN_S)
        raise AssertionError(f"the login did not end: {self.heard}")


@pytest.fixture
def flexnet(bus: PrivateBus, serve: Serve) -> Iterator[Connect]:
    """`flexnet(**script)` serves and connects."""
    opened: list[FlexNet] = []

    def connect(**script: object) -> FlexNet:
        serve(**script)
        opened.append(FlexNet(bus.address))
        return opened[-1]

    yield connect
    for each in opened:
        each.close()


def test_a_window_hears_every_stage_in_order_and_the_end_once(flexnet: Connect) -> None:
    steps = [
        ["ask", ["username", "password"]],
        ["stage", "contacting"],
        ["stage", "touch"],
        ["stage", "verifying"],
        ["stage", "connecting"],
        ["finish", "", {}],
    ]
    connected = flexnet(login=steps)
    window = Window(connected, {"username": "anna", "password": "secret"})
    window.sign_in.start(connected.profile(), {})
    assert window.run() == [
        Stage.INPUT,
        (PromptKind.USERNAME, PromptKind.PASSWORD),
        Stage.CONTACTING,
        Stage.TOUCH,
        Stage.VERIFYING,
        Stage.CONNECTING,
        None,
    ]
    assert connected.session(connected.profile()).state is State.ONLINE


def test_the_same_question_again_is_asked_again(flexnet: Connect) -> None:
    connected = flexnet(login=[["ask", ["otp"]], ["ask", ["otp"]], ["finish", "", {}]])
    window = Window(connected, {"otp": "first"}, {"otp": "second"})
    window.sign_in.start(connected.profile(), {})
    assert window.run() == [Stage.INPUT, (PromptKind.OTP,), (PromptKind.OTP,), None]


def test_a_login_that_is_cancelled_before_it_has_begun_is_cancelled(flexnet: Connect) -> None:
    connected = flexnet(login=[["hold"]])
    window = Window(connected)
    window.sign_in.start(connected.profile(), {})
    window.sign_in.cancel()
    assert window.run()[-1] == Fault(Code.CANCELLED)


def test_a_program_with_its_own_main_loop_is_woken(flexnet: Connect) -> None:
    connected = flexnet(login=[["finish", "FN-201", {}]])
    woken: list[bool] = []
    connected.bus.on_arrival = lambda: woken.append(True)
    window = Window(connected)
    window.sign_in.start(connected.profile(), {})
    assert window.run()[-1] == Fault(Code.CREDENTIALS_REFUSED)
    assert woken


def test_diagnostics_come_as_an_open_file(flexnet: Connect) -> None:
    connected = flexnet()
    assert connected.diagnostics() == b"all is well\n"


def test_the_connection_tells_that_the_service_went(flexnet: Connect) -> None:
    connected = flexnet(login=[["die"]])
    seen: list[object] = []
    connected.bus.listen(seen.append)
    window = Window(connected)
    window.sign_in.start(connected.profile(), {})
    assert window.run()[-1] == Fault(Code.DAEMON_ABSENT)
    assert OwnerChanged(present=False) in seen

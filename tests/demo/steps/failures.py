"""What goes wrong has a name, and comes quickly; afterwards everything is as it was."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.bed.laptop.accounts import ALICE, BOB
from tests.demo.checks import expect, within
from tests.demo.person import Answer, Person
from tests.demo.stage import ANNA, BEN, Stage
from tests.demo.steps.sign_in import BLINKS_WITHIN_S, touch
from tests.demo.steps.sign_out import nothing_is_left
from tests.demo.telling import Notes

WRONG_CODE_WITHIN_S = 1.0
UNREACHABLE_WITHIN_S = 3.0
START_OF_A_COMMAND_S = 1.0
"""Where the clock cannot start at a touch it starts with the command, so its own start counts too."""
SILENCE = "table inet bed { chain silence { type filter hook input priority filter; policy drop; } ; }"


def failures(stage: Stage, notes: Notes) -> None:
    for name, attempt, codes, limit_s in (
        ("wrong password", _wrong_password, ("FN-201",), WRONG_CODE_WITHIN_S),
        ("one-time password used again", _used_code, ("FN-201", "FN-202"), WRONG_CODE_WITHIN_S + START_OF_A_COMMAND_S),
        ("key pulled while it blinks", _pulled_key, ("FN-306",), WRONG_CODE_WITHIN_S),
        ("portal stopped", _stopped_portal, ("FN-101",), UNREACHABLE_WITHIN_S),
        ("portal silent", _silent_portal, ("FN-101", "FN-102"), UNREACHABLE_WITHIN_S + START_OF_A_COMMAND_S),
    ):
        _fails(stage, notes, name, attempt, codes, limit_s)


def _fails(
    stage: Stage, notes: Notes, name: str, attempt: Callable[[Stage], Answer], codes: tuple[str, ...], limit_s: float
) -> None:
    answer = attempt(stage)
    expect(answer.exit_status != 0, f"{name}: it succeeded")
    named = [code for code in codes if f"({code})" in answer.said]
    expect(bool(named), f"{name}: no {' or '.join(codes)} in {answer.said!r}")
    within(limit_s, notes.measure(name.replace(" ", "_") + "_s", answer.after_s), name)
    nothing_is_left(stage)
    sentence = next(line for line in answer.said.splitlines() if named[0] in line)
    notes.say(f"{name}, {answer.after_s:.2f} s: {sentence}")


def _wrong_password(stage: Stage) -> Answer:
    typed = (ANNA.name, "not " + ANNA.password)
    return Person(ALICE, stage.laptop).flexnet("sign-in", typed=typed, meanwhile=lambda: touch(stage))


def _used_code(stage: Stage) -> Answer:
    typed = (BEN.name, BEN.password, stage.typed)
    return Person(BOB, stage.laptop).flexnet("sign-in", "--factor", "yubico-otp", typed=typed)


def _pulled_key(stage: Stage) -> Answer:
    def pull() -> None:
        stage.key.wait_until_blinking(BLINKS_WITHIN_S)
        stage.key.pull()

    try:
        return Person(ALICE, stage.laptop).flexnet("sign-in", typed=(ANNA.name, ANNA.password), meanwhile=pull)
    finally:
        stage.key.plug()


def _stopped_portal(stage: Stage) -> Answer:
    stage.operator.portal.stop()
    try:
        return _typed_by_bob(stage)
    finally:
        stage.operator.portal.start()


def _silent_portal(stage: Stage) -> Answer:
    """It is there and says nothing: packets to it vanish."""
    host = stage.operator.portal.host
    host.run(["nft", "-f", "-"], stdin=SILENCE.replace("; }", ";\n}\n"))
    try:
        return _typed_by_bob(stage)
    finally:
        host.run(["nft", "delete", "table", "inet", "bed"])


def _typed_by_bob(stage: Stage) -> Answer:
    typed = (BEN.name, BEN.password, stage.key.press(1).strip())
    start = time.monotonic()
    answer = Person(BOB, stage.laptop).flexnet("sign-in", "--factor", "yubico-otp", typed=typed)
    return Answer(answer.exit_status, answer.said, time.monotonic() - start)

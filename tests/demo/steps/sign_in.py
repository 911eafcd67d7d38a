"""Anna signs in: user name, password, and a touch of the key, which answers the portal's challenge."""

from __future__ import annotations

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE
from tests.demo.checks import expect, within
from tests.demo.person import Answer, Person
from tests.demo.stage import ANNA, Stage
from tests.demo.telling import Notes

LIMIT_S = 3.0
BLINKS_WITHIN_S = 10.0


def sign_in(stage: Stage, notes: Notes) -> None:
    answer = with_touch(stage, "sign-in", typed=(ANNA.name, ANNA.password))
    within(LIMIT_S, notes.measure("touch_to_online_s", answer.after_s), "from the touch to online")
    peers = stage.operator.gateway.peers()
    expect(len(peers) == 1, f"the gateway has {len(peers)} peers")
    notes.say(f"{answer.said.splitlines()[-1]} Online {answer.after_s:.2f} s after the touch.")


def with_touch(stage: Stage, command: str, typed: tuple[str, ...] = ()) -> Answer:
    """`flexnet COMMAND` by Alice, who touches the key when it blinks; it must succeed."""
    return Person(ALICE, stage.laptop).must(command, typed=typed, meanwhile=lambda: touch(stage))


def touch(stage: Stage) -> None:
    until(lambda: stage.key.state().blinking, BLINKS_WITHIN_S, "the key to blink")
    stage.key.touch()

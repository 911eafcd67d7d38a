"""One touch moves the session's end, and nothing else: same address, same key, same tunnel."""

from __future__ import annotations

from tests.demo.checks import expect
from tests.demo.stage import Stage
from tests.demo.status import my_session
from tests.demo.steps.sign_in import with_touch
from tests.demo.telling import Notes


def renewal(stage: Stage, notes: Notes) -> None:
    before, peers = my_session(stage)["details"], stage.operator.gateway.peers()
    answer = with_touch(stage, "renew")
    notes.measure("touch_to_renewed_s", answer.after_s)
    after = my_session(stage)["details"]
    moved_s = after["ends_at"] - before["ends_at"]
    expect(moved_s > 0, f"the end moved by {moved_s} s")
    expect(after["addresses"] == before["addresses"], f"the address became {after['addresses']}")
    expect(stage.operator.gateway.peers() == peers, "the gateway has another key than before")
    notes.say(f"the end moved by {moved_s} s; address {', '.join(after['addresses'])} and key are the same")

"""After signing out nothing is left: not at the gateway, not on the laptop."""

from __future__ import annotations

from tests.bed.await_ import until
from tests.bed.laptop.accounts import BOB
from tests.bed.world.operator_plan import PAGE_NAME, PAGES
from tests.demo.checks import expect
from tests.demo.person import Person
from tests.demo.stage import Stage
from tests.demo.telling import Notes

GONE_WITHIN_S = 2.0


def sign_out(stage: Stage, notes: Notes) -> None:
    bob = Person(BOB, stage.laptop)
    answer = bob.must("sign-out")
    notes.measure("sign_out_s", answer.after_s)
    until(lambda: not stage.operator.gateway.peers(), GONE_WITHIN_S, "the gateway to have no peer")
    expect(bob.opens(f"http://{PAGES}/") is None, "the page can still be reached")
    expect(stage.laptop.resolve(PAGE_NAME) == [], "its name is still known")
    nothing_is_left(stage)
    notes.say("no peer at the gateway; no link, route, rule, table, name or file of ours on the laptop")


def nothing_is_left(stage: Stage) -> None:
    left = stage.laptop.leftovers()
    expect(left == [], f"left on the laptop: {left}")
    now = stage.laptop.picture()
    expect(now == stage.untouched, f"the laptop's network changed:\n{stage.untouched}\n--- now\n{now}")

"""Anna goes, Ben comes: his account has no bound factor, so the key types a one-time password for him."""

from __future__ import annotations

from tests.bed.laptop.accounts import ALICE, BOB
from tests.demo.checks import expect, within
from tests.demo.person import Person
from tests.demo.stage import BEN, Stage
from tests.demo.status import my_session
from tests.demo.steps.page import PAGE
from tests.demo.telling import Notes

LIMIT_S = 4.0


def typed_code(stage: Stage, notes: Notes) -> None:
    alice, bob = Person(ALICE, stage.laptop), Person(BOB, stage.laptop)
    alice.must("sign-out")
    stage.typed = stage.key.press(1).strip()
    answer = bob.must("sign-in", "--factor", "yubico-otp", typed=(BEN.name, BEN.password, stage.typed))
    within(LIMIT_S, notes.measure("typed_to_online_s", answer.after_s), "from the typed code to online")
    got = bob.opens(PAGE)
    expect(got == stage.page_text, f"{PAGE} says {got!r} to Bob")
    expect(alice.opens(PAGE) is None, "Alice still reaches the page")
    expect(my_session(stage, ALICE)["details"] is None, "Alice may read the details of Bob's session")
    notes.say(f"{len(stage.typed)} letters were typed; the page is Bob's now, and Alice neither reaches it")
    notes.say("nor reads whose session it is")

"""The page behind the tunnel: fetched by name by the one who signed in, and by another at the same computer."""

from __future__ import annotations

import time

from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.world.operator_plan import PAGE_NAME, PAGES
from tests.demo.checks import expect, within
from tests.demo.person import Person
from tests.demo.stage import Stage
from tests.demo.telling import Notes

PAGE = f"http://{PAGE_NAME}/"
REFUSED_WITHIN_S = 1.0


def page_by_name(stage: Stage, notes: Notes) -> None:
    got = Person(ALICE, stage.laptop).opens(PAGE)
    expect(got == stage.page_text, f"{PAGE} says {got!r}, not {stage.page_text!r}")
    notes.say(f"{PAGE} says: {got}")
    source = stage.operator.servers["intranet-page"].log_text().splitlines()[-1].split()[0]
    expect(source.startswith("10.89.1."), f"the page server saw {source}")
    notes.say(f"the page server saw the tunnel address {source}")


def page_by_another(stage: Stage, notes: Notes) -> None:
    bob = Person(BOB, stage.laptop)
    for url in (PAGE, f"http://{PAGES}/"):
        start = time.monotonic()
        expect(bob.opens(url) is None, f"Bob reached {url}")
        within(REFUSED_WITHIN_S, time.monotonic() - start, "the refusal")
    notes.say("refused at once, by name and by address")

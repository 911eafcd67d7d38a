"""Before anything is typed: who is the operator, whom to call, what is announced."""

from __future__ import annotations

import datetime
import json

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.demo.checks import expect
from tests.demo.person import Person
from tests.demo.stage import Stage
from tests.demo.telling import Notes

BUS = ["busctl", "--system", "--json=short"]
PROFILE_OBJECT = ["org.flexnetd.FlexNet1", f"/org/flexnetd/FlexNet1/profile/{PROFILE}", "org.flexnetd.FlexNet1.Profile"]
WINDOW = {"de": "Wartung des Labordatenabrufs", "en": "Maintenance of the laboratory service"}


def discover(stage: Stage, notes: Notes) -> None:
    _announce_maintenance(stage)
    told = _asked(stage, "call", *PROFILE_OBJECT, "Discover")[0]
    operator, factors = told["operator"]["data"]["de"], told["factors"]["data"]
    expect(operator == "KV Beispiel", f"the operator is called {operator!r}")
    contact = _asked(stage, "get-property", *PROFILE_OBJECT, "Contact")["de"]
    expect(contact["telephone"] == "+49 391 1234567", f"the contact is {contact}")
    announced = Person(ALICE, stage.laptop).must("notices").said
    expect(WINDOW["en"] in announced, f"flexnet notices says {announced!r}")
    notes.say(f"{operator} accepts {', '.join(factors)}; help: {contact['name']}, {contact['telephone']}")
    for line in announced.splitlines():
        notes.say(line.strip())


def _announce_maintenance(stage: Stage) -> None:
    begins = datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=2)
    window = ["--from", begins.isoformat(), "--to", (begins + datetime.timedelta(hours=4)).isoformat()]
    services = ["--affected", "Laborportal", "--still-working", "KVSAonline"]
    texts = [word for language, text in WINDOW.items() for word in ("--text", f"{language}={text}")]
    stage.operator.portal.administer(["notice", "add", *window, *services, *texts])


def _asked(stage: Stage, *words: str) -> dict:  # type: ignore[type-arg] # JSON as busctl writes it
    answer = json.loads(stage.laptop.run_as(ALICE, [*BUS, *words]).stdout)
    return answer["data"]  # type: ignore[no-any-return]

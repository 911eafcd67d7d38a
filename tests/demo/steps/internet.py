"""Beside the tunnel: the Internet stays direct, and what belongs to the Konnektor stays with the Konnektor."""

from __future__ import annotations

from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.servers.start import PUBLIC_TEXT, TI_TEXT
from tests.bed.world.operator_plan import KONNEKTOR, PUBLIC_NAME, SAFENET, SAFENET_SERVICE, TI_NET, TI_SERVICE
from tests.demo.checks import expect
from tests.demo.person import Person
from tests.demo.stage import Stage
from tests.demo.telling import Notes

HOME_AS_SEEN_OUTSIDE = "203.0.113.2"


def internet_stays_direct(stage: Stage, notes: Notes) -> None:
    for account in (ALICE, BOB):
        got = Person(account, stage.laptop).opens(f"http://{PUBLIC_NAME}/")
        expect(got == PUBLIC_TEXT, f"{PUBLIC_NAME} says {got!r} to {account.name}")
        source = stage.operator.servers["public-page"].log_text().splitlines()[-1].split()[0]
        expect(source == HOME_AS_SEEN_OUTSIDE, f"the public web saw {source}")
    notes.say(f"the public web answers, and sees the home's own address {HOME_AS_SEEN_OUTSIDE}")
    routes = stage.laptop.host.run(["ip", "-o", "route", "show", "metric", "99"]).stdout
    for network, service in ((TI_NET, TI_SERVICE), (SAFENET, SAFENET_SERVICE)):
        expect(f"{network} via {KONNEKTOR} dev eth0" in routes, f"no route to {network} via the Konnektor: {routes}")
        got = Person(BOB, stage.laptop).opens(f"http://{service}/")
        expect(got == TI_TEXT, f"{service} behind the Konnektor says {got!r}")
    notes.say(f"{TI_NET} and {SAFENET} are reached via the Konnektor as before")

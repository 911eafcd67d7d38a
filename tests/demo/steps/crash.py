"""kill -9 of the daemon: the tunnel stands, the next daemon adopts the session, no packet is lost."""

from __future__ import annotations

import re
import subprocess
import time

from tests.bed.laptop.accounts import ALICE
from tests.bed.world.operator_plan import PAGES
from tests.demo.checks import expect
from tests.demo.person import Person
from tests.demo.stage import Stage
from tests.demo.status import my_session
from tests.demo.telling import Notes

PINGS, EVERY_S = 200, 0.02


def crash_and_adoption(stage: Stage, notes: Notes) -> None:
    daemon = stage.laptop.daemon
    before, peers = my_session(stage), stage.operator.gateway.peers()
    command = ["ping", "-q", "-c", str(PINGS), "-i", str(EVERY_S), "-W", "1", PAGES]
    ping = stage.laptop.popen_as(ALICE, command)
    daemon.kill()
    start = time.monotonic()
    daemon.start()
    back_s = notes.measure("killed_to_ready_s", time.monotonic() - start)
    meanwhile = ping.poll() is None
    _nothing_lost(ping)
    expect(meanwhile, "the ping was over before the daemon was back")
    after = my_session(stage)
    expect(after["state"] == "online", f"the new daemon says {after['state']}")
    for field in ("user_name", "addresses", "ends_at"):
        then, now = before["details"][field], after["details"][field]
        expect(then == now, f"{field} was {then}, is {now}")
    expect(stage.operator.gateway.peers() == peers, "the gateway has other peers than before")
    expect(Person(ALICE, stage.laptop).opens(f"http://{PAGES}/") == stage.page_text, "the page is gone")
    notes.say(f"a new daemon adopted the session after {back_s:.2f} s; {PINGS} of {PINGS} pings came back meanwhile")


def _nothing_lost(ping: subprocess.Popen[bytes]) -> None:
    said = ping.communicate(timeout=PINGS * EVERY_S + 20)[0].decode()
    counted = re.search(r"(\d+) packets transmitted, (\d+) received", said)
    expect(counted is not None and counted[1] == counted[2] == str(PINGS), f"ping says: {said.strip()}")

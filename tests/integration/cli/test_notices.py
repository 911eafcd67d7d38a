"""Maintenance from `flexnet-admin notice add` to what a person reads: before, during, the portal being away, after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flexnetd.model.bus_names import MANAGER, ROOT_PATH
from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE, DAEMON
from tests.bed.operator.operator import PROFILE
from tests.bed.world.process import PYTHON
from tests.integration.daemon.member import PASSWORD, USERNAME, Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
GERMAN = {"LANG": "de_DE.UTF-8", "TZ": "Europe/Berlin"}
AMERICAN = {"LANG": "en_US.UTF-8", "TZ": "America/New_York"}
WORDS = (
    "--affected",
    "KVSAonline",
    "--still-working",
    "E-Mail",
    "--text",
    "de=Neue Server",
    "--text",
    "en=New servers",
)


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        owner = f"--owner={DAEMON.uid}"
        member.laptop.host.run(["install", "-d", "-m700", owner, "/var/lib/flexnetd"])
        yield member


@pytest.fixture
def member(place: Member) -> Iterator[Member]:
    """Afterwards the portal serves, and nothing is announced or remembered."""
    place.laptop.daemon.start()
    yield place
    if not place.operator.portal.program.running:
        place.operator.portal.start()
    for line in place.operator.portal.administer(["notice", "list"])[0]:
        place.operator.portal.administer(["notice", "withdraw", line.split("\t")[0]])
    assert place.laptop.daemon.stop() == 0
    assert place.laptop.leftovers() == []
    place.laptop.host.run(["rm", "-f", "/var/lib/flexnetd/notices.json"])


def announce(member: Member, start: datetime, end: datetime) -> None:
    times = ("--from", start.isoformat(), "--to", end.isoformat())
    member.operator.portal.administer(["notice", "add", *times, *WORDS])


def announce_from_now(member: Member, begins_s: int, ends_s: int) -> datetime:
    """Its end."""
    now = datetime.now(UTC).replace(microsecond=0)
    announce(member, now + timedelta(seconds=begins_s), now + timedelta(seconds=ends_s))
    return now + timedelta(seconds=ends_s)


def flexnet(member: Member, *words: str, env: dict[str, str] | None = None, stdin: str = "") -> tuple[int, str, str]:
    command = [PYTHON, "-m", "flexnetd.cli.main", *words]
    done = member.laptop.run_as(ALICE, command, env=env or GERMAN, stdin=stdin, check=False)
    return done.returncode, done.stdout, done.stderr


def clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def sign_in_by_hand(member: Member) -> tuple[int, str]:
    code, _, told = flexnet(member, "sign-in", stdin=f"{USERNAME}\n{PASSWORD}\n")
    return code, told


def test_a_maintenance_is_announced_in_the_persons_language_and_zone(member: Member) -> None:
    start = (datetime.now(BERLIN) + timedelta(days=3)).replace(hour=19, minute=0, second=0, microsecond=0)
    announce(member, start, start + timedelta(hours=2))
    _, german, _ = flexnet(member, "notices")
    day = f"{start:%d.%m.%Y}"
    first, *rest = german.splitlines()
    assert first.startswith("Wartung von ")
    assert f"{day}, 19:00 Uhr bis " in first
    assert first.endswith(f"{day}, 21:00 Uhr")
    assert rest == ["Neue Server", "Betroffen: KVSAonline", "Weiterhin verfügbar: E-Mail"]
    _, american, _ = flexnet(member, "status", env=AMERICAN)
    there = start.astimezone(NEW_YORK)
    assert f"{there.hour - 12}:00 PM to " in american
    assert "New servers" in american
    with Person(member.laptop, ALICE) as alice:
        (told,) = alice.property(ROOT_PATH, MANAGER, "Notices")
    assert told[1:6] == ["maintenance", start.timestamp(), start.timestamp() + 7200, ["KVSAonline"], ["E-Mail"]]


def test_a_maintenance_over_the_change_of_the_clocks_says_which_hour_is_meant(member: Member) -> None:
    """In Berlin, from the first 02:30 of that night to the second, an hour later."""
    last = date(datetime.now(UTC).year + 1, 10, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    start = datetime(sunday.year, sunday.month, sunday.day, 0, 30, tzinfo=UTC)
    announce(member, start, start + timedelta(hours=1))
    _, german, _ = flexnet(member, "notices")
    day = f"Sonntag, {sunday:%d.%m.%Y}, 02:30 Uhr"
    assert german.splitlines()[0] == f"Wartung von {day} (Sommerzeit) bis {day} (Winterzeit)"


def test_who_can_sign_in_during_a_maintenance_is_not_kept_from_it(member: Member) -> None:
    end = announce_from_now(member, -60, 3600)
    with Person(member.laptop, ALICE) as alice:
        assert member.sign_in(alice) == ""
        _, german, _ = flexnet(member, "status")
        alice.disconnect(PROFILE)
    assert "  Verbunden bis " in german
    assert f"Wartung läuft noch bis {clock(end, BERLIN)} Uhr" in german.replace("morgen, ", "")


def test_with_the_portal_away_the_sign_in_answers_with_the_end(member: Member) -> None:
    end = announce_from_now(member, -60, 3600)
    flexnet(member, "notices")
    member.operator.portal.stop()
    code, told = sign_in_by_hand(member)
    first = told.replace("morgen, ", "").splitlines()[0]
    assert (code, first) == (6, f"Das Portal wird bis {clock(end, BERLIN)} Uhr gewartet. (FN-114)")
    _, german, _ = flexnet(member, "status")
    assert "FN-114" in german
    assert "Weiterhin verfügbar: E-Mail" in german


def test_who_starts_the_computer_in_the_middle_of_it_is_told_so(member: Member) -> None:
    announce_from_now(member, -60, 3600)
    flexnet(member, "notices")
    member.operator.portal.stop()
    assert member.laptop.daemon.stop() == 0
    member.laptop.daemon.start()
    until(lambda: "Wartung läuft noch bis" in flexnet(member, "status")[1], what="the maintenance")
    code, told = sign_in_by_hand(member)
    assert (code, "FN-114" in told) == (6, True)


def test_before_it_and_after_it_a_portal_that_is_away_is_a_failure(member: Member) -> None:
    end = announce_from_now(member, -60, 6)
    announce_from_now(member, 3600, 7200)
    flexnet(member, "notices")
    member.operator.portal.stop()
    until(lambda: time.time() > end.timestamp(), 20, "the maintenance to be over")
    code, told = sign_in_by_hand(member)
    assert (code, "FN-101" in told) == (6, True)
    _, german, _ = flexnet(member, "status")
    assert german.count("Wartung") == 1


def test_what_is_withdrawn_is_told_no_more(member: Member) -> None:
    announce_from_now(member, 3600, 7200)
    assert "Neue Server" in flexnet(member, "notices")[1]
    (line,) = member.operator.portal.administer(["notice", "list"])[0]
    member.operator.portal.administer(["notice", "withdraw", line.split("\t")[0]])
    assert member.laptop.daemon.stop() == 0
    member.laptop.daemon.start()
    assert flexnet(member, "notices")[1] == "Es gibt keine Mitteilungen.\n"

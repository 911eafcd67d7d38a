"""A session in a booted Debian 12 and 13, by the units as installed: the worker by its socket, names by the real
systemd-resolved, people in logind's real sessions, and the distribution's own libraries."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.workstation import Workstation, workstation
from tests.bed.operator.operator import Operator
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import PAGE_NAME, PAGES, operator_plan
from tests.bed.world.world import World

pytestmark = pytest.mark.nspawn

PASSWORD = "Kirschbaum-im-Garten-7"
READ_PAGE = f"import urllib.request as r; print(r.urlopen('http://{PAGE_NAME}/', timeout=3).read().decode())"
PING = ["ping", "-q", "-i", "0.02", "-c", "150", "-W", "1", PAGES]


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def booted_place(request: pytest.FixtureRequest) -> Iterator[Workstation]:
    with (
        World(operator_plan()) as world,
        Operator(world) as operator,
        workstation(request.param, world, operator) as place,
    ):
        secret = secrets.token_bytes(20)
        place.key.program_hmac(2, secret)
        operator.add_member("anna", PASSWORD, hmac_secret=secret)
        yield place


@pytest.fixture
def place(booted_place: Workstation) -> Iterator[Workstation]:
    """Alice is logged in at the screen, and signed in; afterwards nothing of ours is left."""
    with booted_place.machine.logged_in("alice"):
        booted_place.key.auto_touch(0.05)
        done = booted_place.machine.run_as("alice", ["flexnet", "sign-in"], given=f"anna\n{PASSWORD}\n")
        assert "until" in done.stdout
        yield booted_place
    until(lambda: state(booted_place) == "signed-out", 10, "the session to end with the person's logout")
    assert leftovers(booted_place) == []


def state(place: Workstation) -> str:
    profiles = place.status("bob")["profiles"]
    assert isinstance(profiles, list)
    return str(profiles[0]["state"])


def leftovers(place: Workstation) -> list[str]:
    found = place.machine.run(
        [
            "sh",
            "-c",
            "ip -br link | grep flexnet; ip route show proto 177; nft list tables | grep flexnetd; ls /run/flexnetd",
        ],
        check=False,
    ).stdout.splitlines()
    return [line for line in found if line != "worker.sock"]


def page(place: Workstation, user: str) -> str:
    return place.machine.run_as(user, ["python3", "-c", READ_PAGE], check=False).stdout.strip()


def test_the_page_opens_for_its_owner_and_for_nobody_else(place: Workstation) -> None:
    assert page(place, "alice") == PAGE_TEXT
    assert page(place, "bob") == ""


def test_a_restart_keeps_the_session_and_loses_no_packet(place: Workstation) -> None:
    before = place.pid()
    ping = place.machine.popen(["setpriv", "--reuid=alice", "--clear-groups", "--inh-caps=+net_raw", *PING])
    place.machine.run(["systemctl", "restart", "flexnetd"])
    said = ping.communicate(timeout=20)[0].decode()
    assert place.pid() != before
    assert re.search(r"150 packets transmitted, 150 received", said), said
    assert state(place) == "online"
    assert page(place, "alice") == PAGE_TEXT


def test_a_killed_daemon_is_followed_by_one_that_adopts(place: Workstation) -> None:
    before = place.pid()
    place.machine.run(["kill", "-KILL", before])
    until(lambda: place.pid() not in {before, "0"}, 10, "systemd to start it again")
    until(lambda: state(place) == "online", 10, "the session to be adopted")
    assert page(place, "alice") == PAGE_TEXT


def test_a_stop_takes_everything_down(place: Workstation) -> None:
    place.machine.run(["systemctl", "stop", "flexnetd"])
    assert leftovers(place) == []
    place.machine.run(["systemctl", "start", "flexnetd"])
    assert state(place) == "signed-out"


def test_the_recovery_cleans_without_the_daemon(place: Workstation) -> None:
    place.machine.run(["systemctl", "mask", "--runtime", "flexnetd.service"])
    place.machine.run(["systemctl", "kill", "--signal=KILL", "flexnetd.service"])
    place.machine.run(["systemctl", "start", "flexnetd-recover.service"])
    assert leftovers(place) == []
    place.machine.run(["systemctl", "unmask", "--runtime", "flexnetd.service"])
    place.machine.run(["systemctl", "start", "flexnetd.service"])

"""Sessions in the operator's world: real portal, gateway, worker and WireGuard, and a software YubiKey."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from flexnetd.model.bus_names import SESSION
from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE, BOB, WORKER
from tests.bed.laptop.sessions import SessionKind
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import PAGE_NAME, PAGES
from tests.bed.world.process import PYTHON
from tests.integration.daemon.member import PATH, Member, member_at_a_workstation
from tests.integration.daemon.person import Denied, Person

pytestmark = pytest.mark.world

SIGN_IN_STEPS = (
    "WriteRecord:1",
    "PrepareLink:1",
    "StartLogin:1",
    "WriteRecord:2",
    "ResolveEndpoints:1",
    "ApplyTunnel:1",
    "TriggerHandshake:1",
    "ReadHandshake:1",
    "ApplyTunnel:2",
    "CheckTunnel:1",
    "WriteRecord:3",
)
SIGN_OUT_STEPS = ("RetireRecord:1", "TakeDown:1", "TellPortal:1", "EraseRecord:1")


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        yield member


@pytest.fixture
def member(place: Member) -> Iterator[Member]:
    """With a running daemon; afterwards nothing of it is left."""
    place.laptop.daemon.start()
    yield place
    if place.laptop.daemon.program.running:
        assert place.laptop.daemon.stop() == 0
    log = place.laptop.daemon.program.log_text()
    assert "a mistake of ours" not in log
    assert place.laptop.leftovers() == []


@pytest.fixture
def alice(member: Member) -> Iterator[Person]:
    with Person(member.laptop, ALICE) as person:
        yield person


@pytest.fixture
def online(member: Member, alice: Person) -> Person:
    """alice, signed in."""
    assert member.sign_in(alice) == ""
    return alice


def test_signed_in_is_online_and_the_page_is_the_owners_alone(member: Member, online: Person) -> None:
    assert online.state(PROFILE) == "online"
    assert online.property(PATH, SESSION, "Mine") is True
    assert member.page() == PAGE_TEXT
    assert member.page(BOB) == ""
    details = member.details(online)
    assert details["user_name"] == "anna"
    assert details["gateway"] == "gateway.flexnet.example:51820"
    assert isinstance(details["handshake_age_s"], int)
    assert details["endpoint"] in {"198.51.100.20:51820", "[2001:db8:0:10::20]:51820"}
    assert details["mtu"] == 1420
    assert details["overlaps"] == []
    assert len(member.operator.gateway.peers()) == 1


def test_signed_out_is_clean_everywhere(member: Member, online: Person) -> None:
    online.disconnect(PROFILE)
    assert online.state(PROFILE) == "signed-out"
    assert online.reason(PROFILE) == ""
    assert member.page() == ""
    assert member.laptop.leftovers() == []
    assert member.operator.gateway.peers() == set()


def test_every_stage_is_told_to_who_signs_in(member: Member, online: Person) -> None:
    stages = [
        h.arguments[1]["Stage"] for h in online.heard if h.member == "PropertiesChanged" and "Stage" in h.arguments[1]
    ]
    assert stages == ["input", "contacting", "touch", "verifying", "connecting"]
    assert member.laptop.daemon.program.running


def test_a_wrong_password_is_named_and_leaves_nothing(member: Member, alice: Person) -> None:
    assert member.sign_in(alice, password="wrong") == "FN-201"
    assert alice.state(PROFILE) == "signed-out"
    assert alice.reason(PROFILE) == "FN-201"
    assert member.laptop.leftovers() == []
    assert member.sign_in(alice) == ""


def test_a_key_that_is_pulled_is_named_and_leaves_nothing(member: Member, alice: Person) -> None:
    member.key.auto_touch(None)
    try:
        login = alice.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
        alice.give(login, {"password": "x"})
        member.key.wait_until_blinking()
        member.key.pull()
        assert alice.finished(login) == "FN-306"
    finally:
        member.key.plug()
        member.key.auto_touch(0.02)
    assert member.laptop.leftovers() == []


def test_signing_out_while_signing_in_ends_both(member: Member, alice: Person) -> None:
    member.key.auto_touch(None)
    try:
        login = alice.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
        alice.give(login, {"password": "x"})
        member.key.wait_until_blinking()
        alice.disconnect(PROFILE)
        assert alice.finished(login) == "FN-612"
        until(lambda: not member.key.state().blinking, what="the key given back")
    finally:
        member.key.auto_touch(0.02)
    assert alice.state(PROFILE) == "signed-out"
    assert member.laptop.leftovers() == []


def test_the_second_sign_in_of_the_owner_and_of_another_are_refused(member: Member, online: Person) -> None:
    with pytest.raises(Denied) as denied:
        online.sign_in(PROFILE)
    assert denied.value.code == "FN-614"
    with Person(member.laptop, BOB) as bob, pytest.raises(Denied) as denied:
        bob.sign_in(PROFILE)
    assert denied.value.code == "FN-602"


def test_another_person_cannot_renew_end_or_look_into_it(member: Member, online: Person) -> None:
    with Person(member.laptop, BOB) as bob:
        for attempt in (bob.renew, bob.disconnect, lambda _profile: member.details(bob)):
            with pytest.raises(Denied) as denied:
                attempt(PROFILE)
            assert denied.value.code == "FN-601"
        assert bob.property(PATH, SESSION, "Mine") is False
    assert online.state(PROFILE) == "online"


def test_a_renewal_moves_the_end_and_nothing_else(member: Member, online: Person) -> None:
    online.call(PATH, SESSION, "Subscribe")
    before = member.details(online)
    link = member.laptop.index_of("flexnet0")
    assert online.finished(online.renew(PROFILE)) == ""
    told = online.await_signal(lambda heard: heard.member == "DetailsChanged").arguments[0]
    after = member.details(online)
    assert told["ends_at"] == after["ends_at"]
    assert isinstance(after["ends_at"], int)
    assert isinstance(before["ends_at"], int)
    assert after["ends_at"] >= before["ends_at"]
    assert {k: after[k] for k in ("addresses", "gateway", "prefixes")} == {
        k: before[k] for k in ("addresses", "gateway", "prefixes")
    }
    assert member.laptop.index_of("flexnet0") == link


def test_a_failed_renewal_leaves_the_session(member: Member, online: Person) -> None:
    member.key.pull()
    try:
        assert online.finished(online.renew(PROFILE)) == "FN-301"
    finally:
        member.key.plug()
    assert online.state(PROFILE) == "online"
    assert member.page() == PAGE_TEXT


class Pings:
    """alice's pings through the tunnel, one every 50 ms, until asked."""

    def __init__(self, member: Member) -> None:
        member.laptop.host.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"])
        command = [PYTHON, "-m", "tests.integration.daemon.pinger", PAGES]
        self._process = member.laptop.popen_as(ALICE, command, stdin=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def lost(self) -> int:
        output, _ = self._process.communicate(timeout=10)
        sent, answered = map(int, output.split())
        assert sent > 3
        return sent - answered


@pytest.mark.parametrize("way", ["keep", "kill"])
def test_a_restart_and_a_crash_lose_no_packet(member: Member, online: Person, way: str) -> None:
    pings = Pings(member)
    link = member.laptop.index_of("flexnet0")
    before = member.details(online)
    getattr(member.laptop.daemon, way)()
    member.laptop.daemon.start()
    assert online.state(PROFILE) == "online"
    assert pings.lost() == 0
    assert member.laptop.index_of("flexnet0") == link
    after = member.details(online)
    assert after["addresses"] == before["addresses"]
    assert abs(after["ends_at"] - before["ends_at"]) <= 1  # type: ignore[operator] # both are numbers
    assert member.page() == PAGE_TEXT
    assert online.finished(online.renew(PROFILE)) == ""


def test_a_stop_takes_everything_down_and_tells_the_portal(member: Member, online: Person) -> None:
    assert member.laptop.daemon.stop() == 0
    assert member.laptop.leftovers() == []
    assert member.operator.gateway.peers() == set()


@pytest.mark.parametrize("step", SIGN_IN_STEPS)
def test_killed_at_any_step_of_a_sign_in_the_next_start_is_clean(place: Member, step: str) -> None:
    """At the gateway, too. Only a grant that was never written down is nobody's: the portal ends it in its time."""
    before = place.operator.gateway.peers()
    place.laptop.daemon.start(env={"FLEXNETD_DIE_BEFORE": step})
    with Person(place.laptop, ALICE) as alice:
        login = alice.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
        alice.ask(login, "org.flexnetd.FlexNet1.Login", "Answer", "a{sv}", {"password": "correct horse battery staple"})
        assert place.laptop.daemon.program.wait(20) == -9
        place.laptop.daemon.start()
        until(lambda: place.laptop.leftovers() == [], 10, "a clean machine")
        until(lambda: alice_again(place) == "signed-out", 10, "signed out")
    if step != "WriteRecord:2":
        until(lambda: place.operator.gateway.peers() == before, 10, "the gateway without the peer")
    assert place.laptop.daemon.stop() == 0
    assert place.laptop.leftovers() == []


def test_killed_before_the_person_is_told_of_the_session_the_next_start_has_it(place: Member) -> None:
    place.laptop.daemon.start(env={"FLEXNETD_DIE_BEFORE": "FinishLogin:1"})
    with Person(place.laptop, ALICE) as alice:
        login = alice.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
        alice.ask(login, "org.flexnetd.FlexNet1.Login", "Answer", "a{sv}", {"password": "correct horse battery staple"})
        assert place.laptop.daemon.program.wait(20) == -9
    adopted_with_the_portals_newest_token(place)


def test_killed_before_the_person_is_told_of_a_renewal_the_next_start_has_it(place: Member) -> None:
    place.laptop.daemon.start(env={"FLEXNETD_DIE_BEFORE": "FinishLogin:2"})
    with Person(place.laptop, ALICE) as alice:
        assert place.sign_in(alice) == ""
        alice.ask(PATH, "org.flexnetd.FlexNet1.Profile", "Renew", "a{sv}", {})
        assert place.laptop.daemon.program.wait(20) == -9
    adopted_with_the_portals_newest_token(place)


def adopted_with_the_portals_newest_token(place: Member) -> None:
    place.laptop.daemon.start()
    with Person(place.laptop, ALICE) as alice:
        assert alice.state(PROFILE) == "online"
        assert place.page() == PAGE_TEXT
        assert alice.finished(alice.renew(PROFILE)) == ""
    assert place.laptop.daemon.stop() == 0
    assert place.laptop.leftovers() == []


def alice_again(place: Member) -> str:
    return str(place.laptop.bus.get("org.flexnetd.FlexNet1", PATH, SESSION, "State"))


@pytest.mark.parametrize("step", SIGN_OUT_STEPS)
def test_killed_at_any_step_of_a_sign_out_the_next_start_is_clean_or_online(place: Member, step: str) -> None:
    before = place.operator.gateway.peers()
    place.laptop.daemon.start(env={"FLEXNETD_DIE_BEFORE": step})
    with Person(place.laptop, ALICE) as alice:
        assert place.sign_in(alice) == ""
        alice.ask(PATH, "org.flexnetd.FlexNet1.Profile", "Disconnect")
        assert place.laptop.daemon.program.wait(20) == -9
    place.laptop.daemon.start()
    if step.startswith("RetireRecord"):  # nothing was done yet: the session stands
        assert alice_again(place) == "online"
    else:
        until(lambda: alice_again(place) == "signed-out" and place.laptop.leftovers() == [], 10, "a clean machine")
        until(lambda: place.operator.gateway.peers() == before, 10, "the gateway without the peer")
    assert place.laptop.daemon.stop() == 0
    assert place.laptop.leftovers() == []


def test_the_tunnel_ends_when_its_owner_logs_out(member: Member, online: Person) -> None:
    with Person(member.laptop, BOB, session=None) as bob:
        member.laptop.logind.log_out(ALICE)
        until(lambda: bob.state(PROFILE) == "signed-out", 10, "signed out")
    assert member.laptop.leftovers() == []


def test_the_tunnel_stays_when_somebody_else_logs_out(member: Member, online: Person) -> None:
    member.laptop.logind.log_in(BOB, SessionKind.SSH)
    member.laptop.logind.log_out(BOB, SessionKind.SSH)
    assert online.state(PROFILE) == "online"
    assert member.page() == PAGE_TEXT


def test_names_come_back_when_the_resolver_restarts(member: Member, online: Person) -> None:
    member.laptop.programs["systemd-resolved"].kill()
    member.laptop.start_resolved()
    until(lambda: member.laptop.resolve(PAGE_NAME) == [PAGES], 10, "the page's name")


def test_a_flushed_guard_is_loaded_again(member: Member, online: Person) -> None:
    def tables() -> list[str]:
        listed = json.loads(member.laptop.host.run(["nft", "-j", "list", "tables"]).stdout)["nftables"]
        return sorted(f"{item['table']['family']} {item['table']['name']}" for item in listed if "table" in item)

    before = tables()
    assert "inet flexnetd" in before
    member.laptop.host.run(["nft", "flush", "ruleset"])
    until(lambda: tables() == before, 10, "the guard")
    assert member.page(BOB) == ""
    assert member.page() == PAGE_TEXT


def test_waking_up_keeps_the_session(member: Member, online: Person) -> None:
    member.laptop.logind.sleep()
    member.laptop.logind.wake()
    assert member.page() == PAGE_TEXT
    assert online.state(PROFILE) == "online"


def test_a_full_disk_at_the_record_is_named_and_nothing_was_done(member: Member, alice: Person) -> None:
    host = member.laptop.host
    host.run(["mount", "-t", "tmpfs", "-o", "size=4k,mode=755", "full", "/run/flexnetd"])
    try:
        host.run(["sh", "-c", "chown flexnetd: /run/flexnetd; head -c 4096 /dev/zero > /run/flexnetd/filler || true"])
        login = alice.sign_in(PROFILE, username="anna", factor="yubikey-hmac")
        alice.ask(login, "org.flexnetd.FlexNet1.Login", "Answer", "a{sv}", {"password": "x"})
        assert alice.finished(login) == "FN-606"
        assert not host.run(["ip", "link", "show", "flexnet0"], check=False).stdout
    finally:
        host.run(["umount", "/run/flexnetd"])


def test_no_secret_is_in_the_daemons_log(member: Member, online: Person) -> None:
    log = member.laptop.daemon.program.log_text()
    assert "correct horse" not in log
    assert "anna" not in log


def test_the_worker_is_gone_after_each_request(member: Member, online: Person) -> None:
    spawner = str(member.laptop.programs["spawner"].pid)

    def workers() -> str:
        command = ["pgrep", "--parent", spawner, "--uid", str(WORKER.uid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    until(lambda: workers() == "", 10, "no worker")

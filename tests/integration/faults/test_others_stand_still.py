"""Others on the machine stand still, or tell too much at once: the daemon goes on answering, says in good time what is
missing, and puts right what it could not see."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.faults.lost_events import flood, lost
from tests.bed.faults.stopped import standing_still
from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import INTRANET, PAGE_NAME, PAGES
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Denied, Person

pytestmark = pytest.mark.world


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation() as member:
        yield member


def test_without_an_answer_of_polkit_nobody_signs_in_and_everybody_reads(member: Member, alice: Person) -> None:
    with standing_still(member.laptop.programs["polkitd"]):
        began = time.monotonic()
        alice.ask("/org/flexnetd/FlexNet1/profile/kvsa", "org.flexnetd.FlexNet1.Profile", "SignIn", "a{sv}", {})
        with Person(member.laptop, ALICE) as reader:
            assert reader.state(PROFILE) == "signed-out"
        with pytest.raises(Denied) as denied:
            alice.answer()
        assert denied.value.code == "FN-601"
        assert time.monotonic() - began < 15
    assert member.sign_in(alice) == ""


def test_without_an_answer_of_the_resolver_signing_out_is_clean(member: Member, online: Person) -> None:
    with standing_still(member.laptop.programs["systemd-resolved"]):
        online.disconnect(PROFILE)
        assert online.state(PROFILE) == "signed-out"
        assert member.laptop.host.run(["ip", "link", "show", "flexnet0"], check=False).returncode != 0
    until(lambda: member.laptop.leftovers() == [], 10, "a clean machine")


def test_a_resolver_that_stood_still_keeps_nothing_from_the_tunnel(member: Member, online: Person) -> None:
    """A change meanwhile asks the resolver, too; the addresses go on."""
    with standing_still(member.laptop.programs["systemd-resolved"]):
        member.laptop.host.run(["sh", "-c", "ip addr add 192.0.2.200/32 dev lo; ip addr del 192.0.2.200/32 dev lo"])
        until(lambda: "FN-506" in online.health(), 20, "the resolver being missed")
        got = member.laptop.run_as(ALICE, ["curl", "-sS", "-m", "5", f"http://{PAGES}/"])
        assert got.stdout.strip() == PAGE_TEXT
    member.laptop.host.run(["sh", "-c", "ip addr add 192.0.2.200/32 dev lo; ip addr del 192.0.2.200/32 dev lo"])
    until(lambda: "FN-506" not in online.health(), 20, "the resolver being there again")
    until(lambda: member.laptop.resolve(PAGE_NAME) == [PAGES], 10, "the page's name")


def test_what_was_changed_while_events_were_lost_is_put_right(member: Member, online: Person) -> None:
    host, daemon = member.laptop.host, member.laptop.daemon.program
    with standing_still(daemon):
        flood(host)
        host.run(["ip", "route", "del", INTRANET, "dev", "flexnet0"])  # nobody is told any more
        assert lost(host, daemon.pid) > 0
        assert member.page() == ""
    until(lambda: member.page() == PAGE_TEXT, 20, "the route back")
    assert online.await_state(PROFILE, "online") == "online"

"""The kernel drops events that nobody fetches in time. A daemon that stood still while the network changed ten thousand
times, and lost its own routes among that, looks at everything anew and goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person
from tests.security.guarded import as_root

pytestmark = pytest.mark.world

SEVERAL = [f"route add 11.{number // 256}.{number % 256}.0/24 via 192.168.178.1" for number in range(10_000)]


@pytest.fixture
def member() -> Iterator[Member]:
    with member_at_a_workstation() as made:
        made.laptop.daemon.start()
        yield made
        assert made.laptop.daemon.stop() == 0
        assert made.laptop.leftovers() == []


def test_lost_events_are_made_up_for(member: Member) -> None:
    host = member.laptop.host
    with Person(member.laptop, ALICE) as alice:
        assert member.sign_in(alice) == ""
        member.laptop.daemon.program.send(signal.SIGSTOP)
        host.run(["ip", "-batch", "-"], stdin="\n".join(SEVERAL))
        as_root(member, "ip route flush proto 177")
        member.laptop.daemon.program.send(signal.SIGCONT)
        until(lambda: host.run(["ip", "route", "show", "proto", "177"]).stdout.count("10.88.0.0/16") == 2, 20, "routes")
        host.run(["ip", "-batch", "-"], stdin="\n".join(SEVERAL).replace("route add", "route del"))
        until(lambda: alice.state(PROFILE) == "online" and member.page() == PAGE_TEXT, 30, "the page")
    assert "a mistake of ours" not in member.laptop.daemon.program.log_text()

"""Another program that takes away what is ours, again and again: the session tells the conflict and the program's name,
nobody uses the tunnel meanwhile, nothing leaves in the clear, and signing out works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.operator.operator import PROFILE
from tests.bed.world.operator_plan import INTRANET
from tests.integration.daemon.member import PATH, Member
from tests.integration.daemon.person import Person
from tests.security.guarded import REFUSED, sent_by
from tests.security.wire_tap import WireTap

pytestmark = pytest.mark.world

RIVALS = {
    "guard of flexnet0": ("nft", "nft flush ruleset"),
    "route 10.88.0.0/16 of flexnet0": ("ip|another program", "ip route flush proto 177"),
}


@contextmanager
def undoing(member: Member, command: str) -> Iterator[None]:
    loop = member.laptop.host.popen(["sh", "-c", f"while sleep 0.2; do {command}; done"])
    try:
        yield
    finally:
        loop.kill()
        loop.communicate()


@pytest.mark.parametrize(("thing", "rival"), RIVALS.items(), ids=RIVALS)
def test_a_fight_is_a_conflict(member: Member, anna: Person, thing: str, rival: tuple[str, str]) -> None:
    assert member.sign_in(anna) == ""
    name, command = rival
    with WireTap(member.laptop.host, [INTRANET]) as tap:
        tap.sent()
        with undoing(member, command):
            until(lambda: anna.state(PROFILE) == "conflict", 20, "the conflict being told")
            code, facts = anna.property(PATH, "org.flexnetd.FlexNet1.Session", "Reason")
            assert (code, facts["ours"]) == ("FN-502", thing)
            assert re.fullmatch(rf"({name}) \(process \d+\)", facts["theirs"])
            for who in (ALICE, BOB):
                assert set(sent_by(member, who)) <= REFUSED
        assert tap.leaked() == []
    anna.disconnect(PROFILE)
    assert member.laptop.leftovers() == []

"""Something that undoes what we do, again and again: it is put back three times a minute, then told. Nobody uses a
tunnel whose guard is taken away meanwhile, and when there is peace it comes back."""

from __future__ import annotations

import pytest

from flexnetd.model.fault import Fault
from tests.integration.tunnel import calls
from tests.integration.tunnel.place import ALICE, BOB, PAGE_TEXT, Place

pytestmark = pytest.mark.world

UNDONE = {
    "guard": ["nft", "flush", "ruleset"],
    "route 10.88.0.0/16": ["ip", "route", "flush", "proto", "177"],
    "address 10.89.0.7/32": ["ip", "address", "flush", "dev", "flexnet0"],
    "link": ["ip", "link", "set", "flexnet0", "mtu", "1300"],
    "peer": ["sh", "-c", "wg set flexnet0 peer $(wg show flexnet0 peers) allowed-ips 10.1.0.0/16"],
}


@pytest.mark.parametrize(("thing", "undoing"), UNDONE.items(), ids=UNDONE)
def test_the_fourth_time_within_a_minute_it_is_told(here: Place, thing: str, undoing: list[str]) -> None:
    here.prepared()
    outcomes, last = here.do(calls.fought, here.spec(), undoing, 5, 60)
    told = f"FN-502 CONFLICT(ours='{thing} of flexnet0', theirs='a rival')"
    assert outcomes == ["", "", "", told, told]
    assert last.changes != ()
    assert here.page(ALICE) == PAGE_TEXT
    assert here.page(BOB) == "refused"


def test_nobody_uses_a_tunnel_without_its_guard(here: Place) -> None:
    here.prepared()
    with pytest.raises(Fault, match="CONFLICT"):
        here.do(calls.fought, here.spec(), ["nft", "flush", "ruleset"], 4, 0)
    assert here.do(calls.observe).guard == ()
    for who in (ALICE, BOB):
        assert here.page(who) == "refused"
        assert here.page(who, host="container") == "refused"

"""The tunnel belongs to the person who signed in; what is for the closed network goes no other way."""

from __future__ import annotations

import pytest

from flexnetd.tunnel.spec import Users
from tests.bed.world.process import Identity
from tests.integration.tunnel import calls
from tests.integration.tunnel.place import (
    ALICE,
    BOB,
    LAPTOP,
    NAMES,
    NEIGHBOUR,
    OTHER_PAGES,
    PAGE_TEXT,
    PAGES,
    PAGES_V6,
    RESOLVER,
    TUNNEL,
    WORKER,
    Place,
)

pytestmark = pytest.mark.world

ROOT = Identity()
BOTH = pytest.mark.parametrize("address", [PAGES, PAGES_V6])


@BOTH
def test_the_owner_sees_the_page(up: Place, address: str) -> None:
    assert up.page(ALICE, address) == PAGE_TEXT


@BOTH
def test_everybody_else_is_refused_at_once(up: Place, address: str) -> None:
    for stranger in (BOB, ROOT, RESOLVER):
        assert up.page(stranger, address) == "refused"


def test_the_prober_reaches_the_check_address_and_nothing_else(up: Place) -> None:
    assert up.page(WORKER, PAGES) == PAGE_TEXT
    assert up.page(WORKER, OTHER_PAGES) == "refused"
    assert up.world["laptop"].call(calls.asked, NAMES, "page.intranet.example", identity=WORKER) == "EPERM"


def test_the_resolver_reaches_the_operators_resolvers_and_nothing_else(up: Place) -> None:
    def asked(who: Identity, server: str) -> str:
        return up.world["laptop"].call(calls.asked, server, "page.intranet.example", identity=who)

    assert asked(RESOLVER, NAMES) == "answer"
    assert asked(RESOLVER, PAGES) == "EPERM"
    assert asked(BOB, NAMES) == "EPERM"


def test_a_tunnel_for_the_machine_is_everybodys(here: Place) -> None:
    here.up(users=Users(None, None, None))
    for person in (ALICE, BOB, ROOT):
        assert here.page(person) == PAGE_TEXT
    assert here.page(ROOT, host="container") == "refused"


@BOTH
def test_nothing_is_forwarded_for_a_container(up: Place, address: str) -> None:
    assert up.page(ALICE, address, host="container") == "refused"


def test_nothing_is_forwarded_for_a_neighbour(up: Place) -> None:
    assert up.page(ALICE, host="neighbour") == "refused"


@BOTH
def test_without_us_the_page_could_be_had_in_the_clear(here: Place, address: str) -> None:
    """Else the tests of leaks below would prove nothing."""
    for host in ("laptop", "container"):
        assert here.page(BOB, address, host=host) == PAGE_TEXT


@BOTH
def test_the_guard_alone_keeps_it_from_the_clear(up: Place, address: str) -> None:
    up.on_laptop("ip link set flexnet0 down", "ip route flush proto 177", "ip -6 route flush proto 177")
    for host in ("laptop", "container"):
        assert up.page(ALICE, address, host=host) == "refused"


@BOTH
def test_the_refusing_routes_alone_keep_it_from_the_clear(up: Place, address: str) -> None:
    up.on_laptop("nft flush ruleset", "ip link set flexnet0 down")
    for host in ("laptop", "container"):
        assert up.page(ALICE, address, host=host) == "refused"


def test_another_route_that_is_more_specific_leads_nowhere(up: Place) -> None:
    up.on_laptop(f"ip route add {PAGES}/32 via 192.168.178.1")
    assert up.page(ALICE) == "refused"
    up.on_laptop(f"ip route del {PAGES}/32")


def test_the_tunnels_address_answers_nobody_from_the_lan(up: Place) -> None:
    neighbour = up.world["neighbour"]
    neighbour.run(["ip", "route", "replace", f"{TUNNEL}/32", "via", LAPTOP])

    def answers() -> bool:
        return neighbour.run(["ping", "-c1", "-W1", TUNNEL], check=False).returncode == 0

    assert not answers()
    up.on_laptop("nft delete table inet flexnetd")
    assert answers()  # so it was the guard


def test_arp_for_the_tunnels_address_is_not_answered(up: Place) -> None:
    def answered() -> list[str]:
        return up.world["neighbour"].within(calls.arp_answers, NEIGHBOUR, [TUNNEL, LAPTOP])

    assert answered() == [LAPTOP]
    up.on_laptop("nft delete table arp flexnetd")
    assert answered() == [TUNNEL, LAPTOP]


def test_what_claims_to_come_from_behind_the_tunnel_is_dropped(up: Place) -> None:
    neighbour = up.world["neighbour"]
    neighbour.run(["ip", "address", "add", f"{PAGES}/32", "dev", "lo"])
    neighbour.run(["ping", "-c1", "-W1", "-I", PAGES, LAPTOP], check=False)
    neighbour.run(["ip", "address", "del", f"{PAGES}/32", "dev", "lo"])
    rules = up.world["laptop"].run(["nft", "list", "chain", "inet", "flexnetd", "prerouting"]).stdout
    assert "ip saddr 10.88.0.0/16 counter packets 1 " in rules

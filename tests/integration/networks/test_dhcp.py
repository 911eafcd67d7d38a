"""At a home whose DHCP server tells routes of its own (option 121): what leads elsewhere is used beside the tunnel,
what would take something of the closed network away is told by name, and a new lease in the middle of a session costs
nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.dhcp import rebind, replug, start_dhcp_client, start_dhcp_server
from tests.bed.servers.start import PAGE_TEXT, PUBLIC_TEXT, await_ready, start_page
from tests.bed.world.homes import dhcp_plan
from tests.bed.world.operator_plan import NEIGHBOUR, PAGES, PUBLIC_WEB, ROUTER
from tests.bed.world.process import Program
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

POOL = ("192.168.178.100", "192.168.178.120")
BESIDE, PRINTER = "172.16.5.0/24", "172.16.5.9"
DIVERTED = "10.88.0.0/24"
PRINTER_TEXT = "The practice's printer."


@dataclass
class Router:
    """The home's DHCP server and the workstation's client."""

    member: Member
    server: Program
    client: Program

    def tell(self, routes: Mapping[str, str]) -> None:
        """From the next lease on, with the default route, which option 121 has to hold too."""
        self.server.stop()
        everywhere = {"0.0.0.0/0": ROUTER} if routes else {}
        self.server = serve(self.member, {**everywhere, **routes})


@pytest.fixture(scope="module")
def router() -> Iterator[Router]:
    with member_at_a_workstation(dhcp_plan()) as member:
        neighbour = member.world["neighbour"]
        neighbour.run(["ip", "addr", "add", f"{PRINTER}/32", "dev", "lo"])
        await_ready(start_page(neighbour, PRINTER, PRINTER_TEXT))
        yield Router(member, serve(member, {}), start_dhcp_client(member.laptop.host))


@pytest.fixture(scope="module")
def place(router: Router) -> Member:
    return router.member


@pytest.fixture(autouse=True)
def plain_again(router: Router, member: Member) -> Iterator[None]:
    yield
    router.tell({})
    rebind(member.laptop.host, router.client)


def serve(member: Member, routes: Mapping[str, str]) -> Program:
    return start_dhcp_server(member.world["router"], "lan", POOL, ROUTER, routes)


def fetched(member: Member, address: str) -> str:
    return member.laptop.run_as(ALICE, ["curl", "-sS", "-m", "5", f"http://{address}/"], check=False).stdout


def test_routes_that_lead_elsewhere_are_used_beside_the_tunnel(router: Router, member: Member, alice: Person) -> None:
    router.tell({BESIDE: NEIGHBOUR})
    replug(member.laptop.host, router.client)
    assert member.sign_in(alice) == ""
    assert member.page() == PAGE_TEXT
    assert fetched(member, PRINTER) == PRINTER_TEXT
    assert fetched(member, PUBLIC_WEB) == PUBLIC_TEXT


def test_a_new_lease_in_the_middle_costs_nothing(router: Router, member: Member, online: Person) -> None:
    before = member.details(online)["addresses"]
    router.tell({BESIDE: NEIGHBOUR})
    rebind(member.laptop.host, router.client)
    assert fetched(member, PRINTER) == PRINTER_TEXT
    assert member.page() == PAGE_TEXT
    assert online.state(PROFILE) == "online"
    assert member.details(online)["addresses"] == before
    assert set(online.states_told(PROFILE)) <= {"signing-in", "connecting", "online"}


def test_a_route_into_the_closed_network_is_told_and_leaves_with_its_lease(
    router: Router, member: Member, online: Person
) -> None:
    router.tell({DIVERTED: NEIGHBOUR})
    rebind(member.laptop.host, router.client)
    online.await_state(PROFILE, "conflict")
    assert online.reason(PROFILE) == "FN-502"
    assert fetched(member, PAGES) == ""
    assert fetched(member, PUBLIC_WEB) == PUBLIC_TEXT
    router.tell({})
    rebind(member.laptop.host, router.client)
    online.await_state(PROFILE, "online")
    assert member.page() == PAGE_TEXT


def test_with_such_a_route_nobody_is_signed_in_and_it_is_named(router: Router, member: Member, alice: Person) -> None:
    router.tell({DIVERTED: NEIGHBOUR})
    rebind(member.laptop.host, router.client)
    assert member.sign_in(alice) == "FN-502"
    finished = next(heard for heard in alice.heard if heard.member == "Finished")
    assert f"{DIVERTED} via {NEIGHBOUR}" in finished.arguments[1]["theirs"]
    assert member.laptop.leftovers() == []

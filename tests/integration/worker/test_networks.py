"""The worker in networks that are not as they should be: a laptop, and beside it the Internet as it happens to be."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.network import HostPort
from flexnetd.wire.portal import ALIVE_PATH, ALIVE_TEXT, Discovery
from flexnetd.wire.worker import (
    DiscoverRequest,
    PortalAccess,
    ProbeKind,
    ProbeRequest,
    ProbeResult,
    Request,
    ResolveRequest,
    ResolveResult,
)
from tests.bed.world.plan import HostPlan, Plan, Port, Route, Segment
from tests.bed.world.process import CHECKOUT
from tests.bed.world.world import World
from tests.integration.worker.authority import Authority, Leaf
from tests.integration.worker.portals import discovery_answer
from tests.integration.worker.scripted_server import ScriptedServer, answering, http, scripted_server
from tests.integration.worker.worker_process import Asked, ask

pytestmark = pytest.mark.world

NAME = "portal.example.org"
ORIGIN = f"https://{NAME}"
ADDRESS, ADDRESS6, SWALLOWED = "192.0.2.80", "2001:db8::80", "2001:db8::dead"
UNREACHABLE = Fault(Code.PORTAL_UNREACHABLE, host=NAME)
CAPTIVE = Fault(Code.CAPTIVE_PORTAL, url=f"http://{NAME}{ALIVE_PATH}")
HOSTS = f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n{SWALLOWED} {NAME}\n192.0.2.80 v4.example.org\n"
PLAN = Plan(
    segments=(Segment("street"),),
    hosts=(
        HostPlan(
            "laptop",
            ports=(Port("street", "eth0", ("192.0.2.2/24", "2001:db8::2/64")),),
            routes=(Route("default", "192.0.2.1"),),
            # A resolver that swallows every question.
            files={"/etc/hosts": HOSTS, "/etc/resolv.conf": "nameserver 192.0.2.54\n"},
        ),
        HostPlan(
            "internet",
            ports=(
                Port(
                    "street",
                    "eth0",
                    (f"{ADDRESS}/24", "192.0.2.1/24", "192.0.2.54/24", f"{ADDRESS6}/64", f"{SWALLOWED}/64"),
                ),
            ),
            filters="""
                table inet filter {
                    chain input {
                        type filter hook input priority 0
                        ip6 daddr 2001:db8::dead tcp dport 443 drop
                        ip daddr 192.0.2.54 drop
                    }
                }
            """,
        ),
        HostPlan("island"),
    ),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(PLAN) as standing:
        yield standing


@pytest.fixture(scope="module")
def good(authority: Authority) -> Leaf:
    return authority.leaf(NAME, "late.example.org")


@contextlib.contextmanager
def serving(world: World, leaf: Leaf | None, *answers: bytes) -> Iterator[ScriptedServer]:
    """HTTPS with a leaf, else plain HTTP, on the Internet's side."""
    listener = world["internet"].within(socket.create_server, (ADDRESS, 443 if leaf else 80))
    with scripted_server(answering(*answers), leaf, listener=listener) as server:
        yield server


def asked_from(world: World, request: Request, host: str = "laptop") -> Asked:
    return ask(request, command_prefix=tuple(world[host].command([], cwd=CHECKOUT)))


def discover(authority: Authority, origin: str = ORIGIN, addresses: tuple[str, ...] = ()) -> DiscoverRequest:
    return DiscoverRequest(PortalAccess(origin, authority.pem, addresses=addresses))


def test_a_family_that_is_swallowed_costs_a_moment_only(world: World, authority: Authority, good: Leaf) -> None:
    with serving(world, good, discovery_answer()):
        asked = asked_from(world, discover(authority))
    assert isinstance(asked.outcome, Discovery)
    assert asked.took_s < 2


def test_a_captive_portal_is_named_whether_it_intercepts_tls_or_not(
    world: World, authority: Authority, good: Leaf
) -> None:
    hotel = http(b"<h1>Welcome! Your room number?</h1>", kind="text/html")
    with serving(world, None, hotel):
        assert asked_from(world, discover(authority)).outcome == CAPTIVE
        forged = Authority(authority.folder, "hotel").leaf(NAME)
        with serving(world, forged, hotel):
            assert asked_from(world, discover(authority)).outcome == CAPTIVE
    with serving(world, None, http(b"", "302 Found", headers=["Location: https://hotel.example/login"])):
        assert asked_from(world, discover(authority)).outcome == CAPTIVE


@pytest.mark.parametrize(
    "page",
    [
        http(ALIVE_TEXT.encode(), kind="text/plain"),
        http(b"", "301 Moved", headers=[f"Location: {ORIGIN}{ALIVE_PATH}"]),
        http(b"", "308 Moved", headers=[f"Location: {ORIGIN}"]),
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["its text", "a redirect to https", "a redirect to the origin", "no http"],
)
def test_a_portal_that_is_down_behind_its_own_plain_page_is_not_captive(
    page: bytes, world: World, authority: Authority
) -> None:
    with serving(world, None, page):
        asked = asked_from(world, discover(authority))
    assert asked.outcome == UNREACHABLE
    assert asked.took_s < 3.5


def test_a_name_that_nobody_resolves_is_named_within_three_seconds(world: World, authority: Authority) -> None:
    asked = asked_from(world, discover(authority, "https://late.example.org"))
    assert asked.outcome == Fault(Code.NAME_NOT_FOUND, host="late.example.org")
    assert asked.took_s < 3.5


def test_a_last_known_address_serves_while_names_do_not(world: World, authority: Authority, good: Leaf) -> None:
    with serving(world, good, discovery_answer()):
        asked = asked_from(world, discover(authority, "https://late.example.org", (SWALLOWED, ADDRESS)))
    assert isinstance(asked.outcome, Discovery)
    assert asked.took_s < 3


def test_a_machine_without_a_network_is_told_so(world: World, authority: Authority) -> None:
    for addresses in ((), (ADDRESS, ADDRESS6)):
        asked = asked_from(world, discover(authority, "https://late.example.org", addresses), "island")
        assert asked.outcome == Fault(Code.NO_NETWORK)


def test_names_are_resolved_side_by_side_and_a_late_one_holds_up_none(world: World) -> None:
    hosts = (NAME, "late.example.org", "later.example.org", "::1", ADDRESS)
    began = time.monotonic()
    asked = asked_from(world, ResolveRequest(hosts))
    assert time.monotonic() - began < 8
    assert isinstance(asked.outcome, ResolveResult)
    found = dict(asked.outcome.addresses)
    assert set(found.pop(NAME)) == {ADDRESS, SWALLOWED}
    assert found == {"late.example.org": (), "later.example.org": (), "::1": ("::1",), ADDRESS: (ADDRESS,)}


def test_a_connection_is_probed(world: World, authority: Authority, good: Leaf) -> None:
    with serving(world, good, discovery_answer()):
        assert answered(world, ProbeRequest(ProbeKind.CONNECT, HostPort("v4.example.org", 443)))
        assert answered(world, ProbeRequest(ProbeKind.PORTAL, portal=PortalAccess(ORIGIN, authority.pem)))
    # A refusal may be this machine's own guard: it is no answer.
    assert not answered(world, ProbeRequest(ProbeKind.CONNECT, HostPort(ADDRESS, 443)))
    swallowed = asked_from(world, ProbeRequest(ProbeKind.CONNECT, HostPort(SWALLOWED, 443), timeout_ms=300))
    assert isinstance(swallowed.outcome, ProbeResult)
    assert not swallowed.outcome.answered
    assert 250 < swallowed.outcome.elapsed_ms < 1000


def test_that_udp_passes_is_the_word_of_the_host_itself(world: World) -> None:
    assert answered(world, ProbeRequest(ProbeKind.UDP, HostPort("v4.example.org", 51820)))
    assert answered(world, ProbeRequest(ProbeKind.UDP, HostPort(ADDRESS6, 51820)))
    world["internet"].run(["nft", "add", "rule", "inet", "filter", "input", "udp", "dport", "51820", "drop"])
    silent = asked_from(world, ProbeRequest(ProbeKind.UDP, HostPort("v4.example.org", 51820), timeout_ms=700))
    assert isinstance(silent.outcome, ProbeResult)
    assert not silent.outcome.answered
    assert 600 < silent.outcome.elapsed_ms < 2000


def test_that_a_router_refuses_a_datagram_says_nothing_of_the_host(world: World) -> None:
    behind = ProbeRequest(ProbeKind.UDP, HostPort("198.51.100.7", 51820), timeout_ms=700)
    internet = world["internet"]
    internet.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
    refusing = "table ip router {\nchain forward {\ntype filter hook forward priority 0\nreject\n}\n}\n"
    internet.run(["nft", "-f", "-"], stdin=refusing)
    internet.run(["ip", "route", "add", "198.51.100.0/24", "via", "192.0.2.2"])
    assert not answered(world, behind)


def test_a_name_is_probed(world: World) -> None:
    assert answered(world, ProbeRequest(ProbeKind.NAME, HostPort(NAME, 0)))
    assert not answered(world, ProbeRequest(ProbeKind.NAME, HostPort("late.example.org", 0), timeout_ms=300))


def test_the_plain_page_is_probed(world: World) -> None:
    request = ProbeRequest(ProbeKind.CAPTIVE, portal=PortalAccess(ORIGIN), timeout_ms=1000)
    assert not answered(world, request)
    with serving(world, None, http(ALIVE_TEXT.encode(), kind="text/plain")):
        assert answered(world, request)
    with serving(world, None, http(b"x" * 100_000)):
        assert asked_from(world, request).outcome == CAPTIVE


def test_a_probe_without_what_it_needs_is_refused(world: World) -> None:
    for kind, missing in ((ProbeKind.CONNECT, "target"), (ProbeKind.PORTAL, "portal")):
        assert asked_from(world, ProbeRequest(kind)).outcome == Fault(Code.ARGUMENT_INVALID, argument=missing)


def answered(world: World, request: ProbeRequest) -> bool:
    outcome = asked_from(world, request).outcome
    assert isinstance(outcome, ProbeResult), outcome
    return outcome.answered

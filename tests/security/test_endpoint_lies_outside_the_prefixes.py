"""Mullvad MUL-02-002: an exception for the gateway's address let other processes out. Here the gateway lies outside of
the prefixes, or there is no tunnel; so the guard needs no exception, and nobody passes it: neither root nor any of the
uids that have something to do with the tunnel, at the gateway's port or another."""

from __future__ import annotations

import secrets
import socket

import pytest

from flexnetd.wire.grant import sealed_grant
from flexnetd.wire.worker import GrantResult, LoginRequest, Request, ResolveRequest, ResolveResult, answer_line
from tests.bed.laptop.accounts import ALICE, BOB, DAEMON, RESOLVER, WORKER, Account
from tests.bed.world.operator_plan import PAGES
from tests.bed.world.process import Identity
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.guarded import as_root
from tests.security.sending import send
from tests.security.test_hostile_worker_stays_under_the_ceiling import (
    OVERLAP,
    SEED,
    Place,
    claims_for,
    end_with,
    place,  # noqa: F401 - a fixture
)
from tests.security.wire_tap import WireTap

pytestmark = pytest.mark.world

NAME_NOT_FOUND = "FN-111"
RESOLVED = {
    "inside": ("10.88.0.9", OVERLAP),
    "inside-in-ipv6s-clothes": ("::ffff:10.88.0.9", OVERLAP),
    "the-tunnels-own-address": ("10.89.0.7", OVERLAP),
    "lines-of-a-configuration": ("fe80::1%x\nallowed_ip=0.0.0.0/0", NAME_NOT_FOUND),
    "no-address": ("10.88.0.9/32", NAME_NOT_FOUND),
}


@pytest.mark.parametrize("name", RESOLVED)
def test_a_gateway_whose_name_leads_there_is_refused(place: Place, name: str) -> None:  # noqa: F811 - that fixture
    address, code = RESOLVED[name]

    def script(request: Request, connection: socket.socket) -> None:
        nonce = secrets.token_bytes(32)
        if isinstance(request, LoginRequest):
            connection.sendall(answer_line(GrantResult(sealed_grant(claims_for(request, nonce), SEED), nonce)))
        if isinstance(request, ResolveRequest):
            connection.sendall(answer_line(ResolveResult(dict.fromkeys(request.hosts, (address,)))))

    assert end_with(place, script) == code
    assert place.laptop.leftovers() == []


@pytest.mark.parametrize(
    "who", [None, DAEMON, WORKER, RESOLVER, ALICE, BOB], ids=lambda who: who.name if who else "root"
)
def test_nobody_passes_the_guard_beside_the_tunnel(
    member: Member, online: Person, tap: WireTap, who: Account | None
) -> None:
    identity = who.identity if who else Identity()
    member.laptop.daemon.kill()
    as_root(member, "ip link set flexnet0 down", "ip route flush proto 177")
    outcomes = [member.laptop.host.call(send, PAGES, 1, "", port, identity=identity) for port in (51820, 53, 80, 443)]
    assert outcomes == [["EPERM"]] * 4
    assert tap.leaked() == []
    member.laptop.daemon.start()

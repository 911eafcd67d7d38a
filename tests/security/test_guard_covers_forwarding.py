"""CVE-2020-15590: a guard on the output path alone lets containers and neighbours out. What a workstation forwards for
somebody else reaches the closed network neither in the clear nor through the tunnel, whatever a container's own rules
allow, rewrite or route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.world.operator_plan import INTRANET, LAPTOP, PAGES, PUBLIC_WEB
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.guarded import as_root, guarded
from tests.security.sending import send
from tests.security.wire_tap import Sent, WireTap

pytestmark = pytest.mark.world

CONTAINER = (
    "sysctl -qw net.ipv4.ip_forward=1",
    "ip link add docker0 type bridge",
    "ip addr add 172.17.0.1/16 dev docker0",
    "ip netns add box",
    "ip link add box0 type veth peer name eth0 netns box",
    "ip link set box0 master docker0 up",
    "ip link set docker0 up",
    "ip -n box addr add 172.17.0.2/16 dev eth0",
    "ip -n box link set eth0 up",
    "ip -n box route add default via 172.17.0.1",
    # as a container engine does
    "nft 'add table ip docker; add chain ip docker post { type nat hook postrouting priority srcnat; }'",
    "nft 'add rule ip docker post ip saddr 172.17.0.0/16 oifname != docker0 masquerade'",
    "nft 'add chain ip docker forward { type filter hook forward priority filter; policy accept; }'",
    "nft 'add rule ip docker forward accept'",
)
GONE = (
    "ip netns del box",
    "ip link del docker0",
    "nft delete table ip docker",
    "sysctl -qw net.ipv4.ip_forward=0",
)
REWRITTEN = "192.0.2.99"
"""An address of the Internet that the container's rules turn into one of the closed network."""


@pytest.fixture
def container(member: Member, tap: WireTap) -> Iterator[None]:
    as_root(member, *CONTAINER)
    member.world["neighbour"].run(["ip", "route", "replace", INTRANET, "via", LAPTOP])
    yield
    as_root(member, *GONE)


def from_container(member: Member, address: str = PAGES) -> None:
    script = f"import sys; sys.path.insert(0, '.'); from tests.security.sending import send; send({address!r})"
    command = ["ip", "netns", "exec", "box", "python3", "-c", script]
    member.laptop.host.run(command, cwd="/run/bed/checkout")


def from_neighbour(member: Member) -> None:
    member.world["neighbour"].call(send, PAGES)


def forwarded(tap: WireTap) -> list[Sent]:
    """What left of the strangers' packets; the owner's own connections may still be closing."""
    return [one for one in tap.sent() if b"secret" in one.payload]


def test_without_us_both_would_leave(member: Member, container: None, tap: WireTap) -> None:
    """Else the tests below would prove nothing."""
    from_container(member)
    assert {(one.interface, str(one.source)) for one in tap.leaked()} == {("eth0", LAPTOP)}
    from_neighbour(member)
    assert {one.interface for one in tap.leaked()} == {"eth0"}


def test_nothing_is_forwarded_into_the_tunnel_or_beside_it(
    member: Member, container: None, online: Person, tap: WireTap
) -> None:
    tap.sent()
    from_container(member)
    from_neighbour(member)
    assert forwarded(tap) == []
    from_container(member, PUBLIC_WEB)  # the container keeps its Internet
    assert forwarded(tap) == []


def test_nor_with_the_tunnel_down_or_the_daemon_dead(
    member: Member, container: None, online: Person, tap: WireTap
) -> None:
    member.laptop.daemon.kill()
    as_root(member, "ip link set flexnet0 down", "ip route flush proto 177")
    tap.sent()
    from_container(member)
    from_neighbour(member)
    assert forwarded(tap) == []
    member.laptop.daemon.start()


def test_nor_what_is_rewritten_or_routed_by_a_table_of_its_own(
    member: Member, container: None, online: Person, tap: WireTap
) -> None:
    as_root(
        member,
        "nft 'add chain ip docker pre { type nat hook prerouting priority dstnat; }'",
        f"nft 'add rule ip docker pre ip daddr {REWRITTEN} dnat to {PAGES}'",
        "ip rule add from 172.17.0.0/16 lookup 1000",
        "ip route add default via 192.168.178.1 table 1000",
    )
    try:
        tap.sent()
        from_container(member)
        from_container(member, REWRITTEN)
        assert forwarded(tap) == []
    finally:
        as_root(member, "ip rule del from 172.17.0.0/16 lookup 1000", "ip route flush table 1000")
    until(lambda: guarded(member), what="the guard")

"""Other networks of the machine beside a tunnel that stands, with the kernel's own routes and rules: a Konnektor's, the
LAN's, DHCP's, containers', other VPNs'. What is won works; a conflict names theirs, and goes when theirs goes. Neither
is ever changed by us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from tests.integration.tunnel import calls
from tests.integration.tunnel.place import ALICE, NEIGHBOUR, PAGE_TEXT, Place

pytestmark = pytest.mark.world

VPN = ("ip tuntap add vpn0 mode tun", "ip link set vpn0 up")
NO_VPN = "ip link del vpn0"

Scene = tuple[tuple[str, ...], tuple[str, ...]]
"""How it comes and how it goes."""

WON: dict[str, Scene] = {
    "a Konnektor": (
        (
            f"ip route add 10.0.0.0/8 via {NEIGHBOUR} metric 99",
            f"ip route add 100.102.0.0/15 via {NEIGHBOUR} metric 99",
        ),
        ("ip route del 10.0.0.0/8", "ip route del 100.102.0.0/15"),
    ),
    "DHCP's option 121": (
        (f"ip route add 10.88.0.0/16 via {NEIGHBOUR} proto dhcp metric 100",),
        ("ip route del 10.88.0.0/16 proto dhcp",),
    ),
    "an IPv6 router's advertised route": (
        ("ip -6 route add fd00:88::/48 via fe80::1 dev eth0 proto ra",),
        ("ip -6 route del fd00:88::/48 proto ra",),
    ),
    "docker0": (
        ("ip link add docker0 type bridge", "ip address add 172.18.0.1/16 dev docker0", "ip link set docker0 up"),
        ("ip link del docker0",),
    ),
    "libvirt's bridge": (
        ("ip link add virbr0 type bridge", "ip address add 192.168.122.1/24 dev virbr0", "ip link set virbr0 up"),
        ("ip link del virbr0",),
    ),
    "another VPN's two halves": (
        (*VPN, "ip route add 0.0.0.0/1 dev vpn0", "ip route add 128.0.0.0/1 dev vpn0"),
        (NO_VPN,),
    ),
    "wg-quick's default route": (
        (
            *VPN,
            "ip route add default dev vpn0 table 51820",
            "ip rule add not fwmark 51820 table 51820 priority 32765",
            "ip rule add table main suppress_prefixlength 0 priority 32764",
        ),
        ("ip rule del priority 32764", "ip rule del priority 32765", NO_VPN),
    ),
    "a lock-out around ours": (
        ("ip route add unreachable 10.0.0.0/8",),
        ("ip route del unreachable 10.0.0.0/8",),
    ),
}

CONFLICTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "a LAN of the operator's prefix": (
        ("ip address add 10.88.200.7/16 dev eth0 noprefixroute", "ip route add 10.88.0.0/16 dev eth0 metric 100"),
        ("ip route del 10.88.0.0/16 dev eth0", "ip address del 10.88.200.7/16 dev eth0"),
        "10.88.0.0/16 dev eth0 metric 100",
    ),
    "DHCP's option 121": (
        (f"ip route add 10.88.7.0/24 via {NEIGHBOUR} proto dhcp metric 100",),
        ("ip route del 10.88.7.0/24",),
        f"10.88.7.0/24 via {NEIGHBOUR} dev eth0",
    ),
    "a container's network": (
        ("ip link add br-7 type bridge", "ip address add 10.88.7.1/24 dev br-7", "ip link set br-7 up"),
        ("ip link del br-7",),
        "10.88.7.0/24 dev br-7",
    ),
    "another VPN's route": (
        (*VPN, "ip route add 10.88.0.0/24 dev vpn0"),
        (NO_VPN,),
        "10.88.0.0/24 dev vpn0",
    ),
    "another VPN's table": (
        (*VPN, "ip route add 10.88.0.0/16 dev vpn0 table 52", "ip rule add lookup 52 priority 5270"),
        ("ip rule del priority 5270", NO_VPN),
        "10.88.0.53 dev vpn0 table 52",
    ),
    "another VPN's IPv6 table": (
        (*VPN, "ip -6 route add fd00:88::/48 dev vpn0 table 52", "ip -6 rule add lookup 52 priority 5270"),
        ("ip -6 rule del priority 5270", NO_VPN),
        "fd00:88::1 dev vpn0 table 52",
    ),
    "a table for one person": (
        (
            *VPN,
            "ip route add 10.88.0.0/16 dev vpn0 table 52",
            f"ip rule add uidrange {ALICE.uid}-{ALICE.uid} lookup 52",
        ),
        (f"ip rule del uidrange {ALICE.uid}-{ALICE.uid} lookup 52", NO_VPN),
        "10.88.0.53 dev vpn0 table 52",
    ),
    "a lock-out of the whole": (
        ("ip route add blackhole 10.88.0.0/16",),
        ("ip route del blackhole 10.88.0.0/16",),
        "blackhole 10.88.0.0/16",
    ),
}


@contextmanager
def beside(place: Place, comes: tuple[str, ...], goes: tuple[str, ...]) -> Iterator[None]:
    place.on_laptop(*comes)
    try:
        yield
    finally:
        place.on_laptop(*goes)


@pytest.mark.parametrize(("comes", "goes"), WON.values(), ids=WON)
def test_won(up: Place, comes: tuple[str, ...], goes: tuple[str, ...]) -> None:
    with beside(up, comes, goes):
        assert up.do(calls.make_it_so, up.spec()).changes == ()
        assert up.page(ALICE) == PAGE_TEXT


@pytest.mark.parametrize(("comes", "goes", "theirs"), CONFLICTS.values(), ids=CONFLICTS)
def test_conflict(up: Place, comes: tuple[str, ...], goes: tuple[str, ...], theirs: str) -> None:
    with beside(up, comes, goes):
        before = up.everything()
        with pytest.raises(Fault) as refused:
            up.do(calls.make_it_so, up.spec())
        ours = "fd00:88::/48" if ":" in theirs else "10.88.0.0/16"
        assert refused.value == Fault(Code.CONFLICT, ours=f"{ours} dev flexnet0", theirs=theirs)
        assert up.everything() == before
    assert up.do(calls.make_it_so, up.spec()).changes == ()
    assert up.page(ALICE) == PAGE_TEXT


def test_what_another_person_is_led_by_is_no_conflict(up: Place) -> None:
    comes = (*VPN, "ip route add 10.88.0.0/16 dev vpn0 table 52", "ip rule add uidrange 70002-70002 lookup 52")
    with beside(up, comes, ("ip rule del uidrange 70002-70002 lookup 52", NO_VPN)):
        up.do(calls.make_it_so, up.spec())


def test_one_conflict_is_found_among_thousands_of_routes(up: Place) -> None:
    several = [f"route add 11.{number // 256}.{number % 256}.0/24 via {NEIGHBOUR} table main" for number in range(4000)]
    up.world["laptop"].run(["ip", "-batch", "-"], stdin="\n".join(several))
    with beside(up, (), ("ip route flush root 11.0.0.0/8",)):
        assert up.do(calls.make_it_so, up.spec()).changes == ()
        among_them = beside(up, (f"ip route add 10.88.7.0/24 via {NEIGHBOUR}",), ("ip route del 10.88.7.0/24",))
        with among_them, pytest.raises(Fault, match="CONFLICT"):
            up.do(calls.make_it_so, up.spec())

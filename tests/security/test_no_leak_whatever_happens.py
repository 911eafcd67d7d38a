"""What happens to a workstation while somebody is signed in: it sleeps, its cable is pulled, it gets another address,
its firewall is reloaded, containers come. The owner and a stranger send to the closed network all the while, and not
one packet leaves in the clear. And what is the session's own doing costs the person's Internet not one packet."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.bed.await_ import until
from tests.bed.laptop.accounts import ALICE, BOB
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.operator_plan import KONNEKTOR, LAPTOP, PUBLIC_WEB, ROUTER, SAFENET, TI_NET
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.guarded import as_root, guarded
from tests.security.stream import Stream

pytestmark = pytest.mark.world

ROUTES = (
    f"ip route replace default via {ROUTER}",
    f"ip route replace {TI_NET} via {KONNEKTOR} metric 99",
    f"ip route replace {SAFENET} via {KONNEKTOR} metric 99",
    "ip -6 route replace default via 2001:db8:0:1::1",
)
FIREWALLS_RULES = """
table ip filter {
    chain INPUT { type filter hook input priority filter; policy drop
        iifname lo accept
        ct state established,related accept
        ip protocol icmp accept
    }
    chain FORWARD { type filter hook forward priority filter; policy drop; }
    chain OUTPUT { type filter hook output priority filter; policy accept; }
}
"""
CONTAINERS_RULES = """
table ip nat {
    chain POSTROUTING { type nat hook postrouting priority srcnat
        ip saddr 172.17.0.0/16 oifname != docker0 masquerade
    }
}
table ip raw {
    chain PREROUTING { type filter hook prerouting priority raw; }
}
"""


def sleeps(member: Member) -> None:
    member.laptop.logind.sleep()
    member.laptop.logind.wake()


def loses_its_cable(member: Member) -> None:
    as_root(member, "ip link set eth0 down", "ip link set eth0 up")
    as_root(member, "ip -6 address replace 2001:db8:0:1::20/64 dev eth0 nodad", *ROUTES)


def gets_another_address(member: Member) -> None:
    as_root(member, "ip address add 192.168.178.21/24 dev eth0", f"ip address del {LAPTOP}/24 dev eth0")
    as_root(member, "ip address replace 192.168.178.21/24 dev eth0", *ROUTES)
    until(lambda: member.page() == PAGE_TEXT, 30, "the page from another address")
    as_root(member, f"ip address add {LAPTOP}/24 dev eth0", "ip address del 192.168.178.21/24 dev eth0")
    as_root(member, f"ip address replace {LAPTOP}/24 dev eth0", *ROUTES)


def loses_its_routes(member: Member) -> None:
    as_root(member, "ip route flush table main", f"ip route add 192.168.178.0/24 dev eth0 src {LAPTOP}")
    as_root(member, *ROUTES)


def has_its_firewall_reloaded(member: Member) -> None:
    for _ in range(2):
        loaded(member, FIREWALLS_RULES)
        loaded(member, "table ip filter\ndelete table ip filter\n" + FIREWALLS_RULES)
    loaded(member, "delete table ip filter")


def has_everything_flushed(member: Member) -> None:
    as_root(member, "nft flush ruleset")
    until(lambda: guarded(member), 10, "the guard")


def gets_containers(member: Member) -> None:
    as_root(member, "ip link add docker0 type bridge", "ip address add 172.17.0.1/16 dev docker0")
    as_root(member, "ip link set docker0 up")
    loaded(member, CONTAINERS_RULES)
    as_root(member, "ip link del docker0")
    loaded(member, "delete table ip nat\ndelete table ip raw")


def loaded(member: Member, rules: str) -> None:
    member.laptop.host.run(["nft", "-f", "-"], stdin=rules)


HAPPENS: tuple[Callable[[Member], None], ...] = (
    sleeps,
    loses_its_cable,
    gets_another_address,
    loses_its_routes,
    has_its_firewall_reloaded,
    has_everything_flushed,
    gets_containers,
)


@pytest.mark.parametrize("happens", HAPPENS, ids=lambda happens: happens.__name__)
def test_nothing_leaves_in_the_clear(member: Member, anna: Person, happens: Callable[[Member], None]) -> None:
    streams = [Stream(member, who) for who in (ALICE, BOB)]
    assert member.sign_in(anna) == ""
    for stream in streams:
        stream.held()
    happens(member)
    until(lambda: anna.state(PROFILE) == "online" and member.page() == PAGE_TEXT, 40, "the page again")
    assert member.page(BOB) == ""
    anna.disconnect(PROFILE)
    for stream in streams:
        stream.leaving()
        assert stream.leaked() == []


@contextmanager
def internet(member: Member) -> Iterator[Callable[[], None]]:
    """Pings a host of the Internet two hundred times a second; gives what asserts that every one was answered."""
    pinging = member.laptop.host.popen(["ping", "-q", "-i", "0.005", PUBLIC_WEB])

    def whole() -> None:
        pinging.send_signal(signal.SIGINT)
        said = pinging.communicate(timeout=20)[0].decode()
        sent, received = map(int, re.findall(r"(\d+) (?:packets transmitted|received)", said))
        assert sent > 100, said
        assert sent == received, said

    try:
        yield whole
    finally:
        pinging.kill()
        pinging.communicate()


def test_the_persons_internet_loses_nothing(member: Member, anna: Person) -> None:
    with internet(member) as whole:
        assert member.sign_in(anna) == ""
        member.laptop.daemon.restart()
        member.laptop.daemon.kill()
        member.laptop.daemon.start()
        sleeps(member)
        has_everything_flushed(member)
        as_root(member, "ip route add 10.88.7.0/24 dev eth0")
        until(lambda: anna.state(PROFILE) == "conflict", 20, "a conflict")
        as_root(member, "ip route del 10.88.7.0/24 dev eth0")
        until(lambda: anna.state(PROFILE) == "online", 30, "being online again")
        anna.disconnect(PROFILE)
        whole()

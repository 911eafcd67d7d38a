"""Where the Internet is less than it might be: a computer without IPv6, a line whose packets are at most 1280 bytes, a
router that keeps the news of that to itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed.laptop.accounts import ALICE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.homes import narrow_plan
from tests.bed.world.operator_plan import PAGE_NAME
from tests.integration.daemon.member import Member, member_at_a_workstation
from tests.integration.daemon.person import Person

pytestmark = pytest.mark.world

PACKETS = 250
"""Of full size, that must have come. wireguard-go of Debian 13 hands the kernel whole batches, which are refused once
the path is known to be narrow, so that most is sent again: it takes more than the 20 s for the page of a megabyte. That
of Debian 12 needs less than one. The kernel's WireGuard is asked for the whole page in tests/vm/test_narrow_path.py."""


@pytest.fixture(scope="module")
def place() -> Iterator[Member]:
    with member_at_a_workstation(narrow_plan()) as member:
        yield member


def large_page_bytes(member: Member) -> int:
    ask = ["curl", "-sS", "-m", "20", "-o", "/dev/null", "-w", "%{size_download}", f"http://{PAGE_NAME}/large"]
    return int(member.laptop.run_as(ALICE, ask, check=False).stdout)


def test_a_large_page_comes_over_a_line_of_1280_bytes(member: Member, online: Person) -> None:
    assert member.page() == PAGE_TEXT
    assert large_page_bytes(member) > PACKETS * 1280


def test_without_ipv6_in_the_kernel_everything_goes_by_ipv4(member: Member, alice: Person) -> None:
    host = member.laptop.host
    host.run(["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"])
    try:
        assert member.sign_in(alice) == ""
        assert member.page() == PAGE_TEXT
    finally:
        host.run(["sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0"])

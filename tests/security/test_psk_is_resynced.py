"""DefGuard's gateway compares peers without their preshared keys, and one that was changed stayed so. Here a preshared
key that somebody changed at either end, on a peer that is equal otherwise, is noticed and put back."""

from __future__ import annotations

import pytest

from tests.bed.await_ import until
from tests.bed.operator.gateway import INTERFACE as GATEWAYS_INTERFACE
from tests.bed.operator.operator import PROFILE
from tests.bed.servers.start import PAGE_TEXT
from tests.bed.world.host import Host
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.guarded import as_root

pytestmark = pytest.mark.world


def preshared_keys(host: Host, interface: str) -> str:
    """Of its one peer: public key and preshared key."""
    return host.run(["wg", "show", interface, "preshared-keys"]).stdout.strip()


def changed(host: Host, interface: str, key: str) -> None:
    peer, _, right = preshared_keys(host, interface).partition("\t")
    host.run(["sh", "-c", f"{key} > /run/psk; wg set {interface} peer {peer} preshared-key /run/psk"])
    assert preshared_keys(host, interface) != f"{peer}\t{right}"


@pytest.mark.parametrize("key", ["wg genpsk", "true"], ids=["another", "none"])
def test_at_the_workstation(member: Member, online: Person, key: str) -> None:
    right = preshared_keys(member.laptop.host, "flexnet0")
    changed(member.laptop.host, "flexnet0", key)
    as_root(member, "ip address add 192.0.2.200/32 dev lo", "ip address del 192.0.2.200/32 dev lo")  # it looks again
    until(lambda: preshared_keys(member.laptop.host, "flexnet0") == right, 10, "the right preshared key")
    assert member.page() == PAGE_TEXT


def test_at_the_gateway(member: Member, online: Person) -> None:
    gateway = member.operator.gateway.host
    right = preshared_keys(gateway, GATEWAYS_INTERFACE)
    changed(gateway, GATEWAYS_INTERFACE, "wg genpsk")
    assert online.finished(online.renew(PROFILE)) == ""  # the portal's next list
    until(lambda: preshared_keys(gateway, GATEWAYS_INTERFACE) == right, 20, "the right preshared key")

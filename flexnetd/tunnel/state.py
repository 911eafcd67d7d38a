"""What is there, as one value: the link of our name, and what carries our marks.

A link of our name is ours when it has our alias. WireGuard's link is made in one step and marked in the next; killed
between the two, it stays behind without alias, down and without address: such a one is taken for ours too, to be
removed, never to be used.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from flexnetd.model.network import Address, Interface
from flexnetd.netlink.links import Link
from flexnetd.netlink.nftables import Table
from flexnetd.netlink.routes import Route
from flexnetd.tunnel.marks import ALIAS
from flexnetd.wireguard.device import DeviceState

WIREGUARD_KINDS = frozenset({"wireguard", "tun"})
"""The kernel's WireGuard, and the TUN device of a user-space one."""


class Ownership(Enum):
    OURS = "ours"
    HALF_MADE = "half-made"
    FOREIGN = "foreign"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class LinkNames:
    """What systemd-resolved keeps for the link. `domains` in alphabetical order; `closed`: none of them is searched,
    nothing else is asked here (no default route), and DNSSEC, DNS over TLS, LLMNR and multicast DNS are off."""

    resolvers: tuple[Address, ...]
    domains: tuple[str, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class TunnelState:
    """`addresses` without link-local ones; `routes` those of our protocol, in any table; `guard` our tables; `names`
    None when nothing is set or nobody keeps names, and then `names_missing` is the reason. `ipv6` False: the machine
    has it switched off."""

    link: Link | None = None
    device: DeviceState | None = None
    addresses: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    guard: tuple[Table, ...] = ()
    names: LinkNames | None = None
    names_missing: str = ""
    ipv6: bool = True

    @property
    def ownership(self) -> Ownership:
        if self.link is None:
            return Ownership.ABSENT
        return ownership(self.link, bool(self.addresses))


def ownership(link: Link, has_addresses: bool) -> Ownership:
    """Whose the link of our name is."""
    if link.kind in WIREGUARD_KINDS and link.alias == ALIAS:
        return Ownership.OURS
    untouched = not link.alias and not link.up and not has_addresses
    return Ownership.HALF_MADE if link.kind in WIREGUARD_KINDS and untouched else Ownership.FOREIGN

"""The guard: who may use the tunnel, and that nothing for the closed network goes another way. Pure.

The rules, each a line of nftables:
- Towards the tunnel: the owner; the prober to the check address; the resolver to the operator's resolvers at port 53.
  Everybody else is refused at once, by ICMP, not left to time out.
- Out of the tunnel: answers, the errors that belong to them, and the echo request (ping). Whatever else begins behind
  the tunnel is dropped in silence: a workstation offers nothing to the closed network, where one host of many may be a
  hostile one. So there is no connection into the workstation whose answers would have to be let out for anybody.
- The connection table knows no persons: whoever binds the source port of the owner's connection, when that program is
  gone, is "established". So whatever has a socket is judged by the socket's uid first. What is left without one is the
  kernel's own: the end of a connection whose program is gone, resets, ICMP errors.
- Towards the operator's prefixes by any other interface: refused. So when the tunnel is down, its route lost or
  another route more specific, nothing leaves in the clear.
- Nothing is forwarded into the tunnel, out of it, or to the prefixes by another way: no container, no neighbour.
- From elsewhere, packets to the tunnel address, or that claim to come from behind the tunnel, are dropped; ARP for the
  tunnel address is not answered, nor does it leave in ARP requests or packets of ours (CVE-2019-14899).
- The gateway needs no exception: its address lies outside the prefixes, or the grant is refused.

One document replaces what was loaded, atomically: it declares both tables, deletes them and makes them anew. Our
accept never overrides another table's drop. Sets are written into the rules, which makes them immutable; a table's
comment holds the document's digest. So comment and number of rules tell a table that was tampered with.
Nothing in the document is text from elsewhere: interface names of one pattern, addresses, numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from flexnetd.model.network import Address, Endpoint, Interface, Prefix
from flexnetd.netlink.nftables import ARP, INET, Table
from flexnetd.tunnel.marks import TABLE
from flexnetd.tunnel.spec import TunnelSpec, Users

_REFUSE = "counter reject with icmpx admin-prohibited"
_DROP = "counter drop"
_GOES_ON = "established,related"
_ANYBODY = "0-4294967294"
"""Every uid; a packet of no socket does not match."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What the document is made of; equal guards make equal documents."""

    interface: str
    addresses: tuple[Interface, ...]
    prefixes: tuple[Prefix, ...]
    resolvers: tuple[Address, ...]
    check: Endpoint | None
    users: Users


@dataclass(frozen=True, slots=True)
class _Chain:
    name: str
    hook: str
    rules: tuple[str, ...]


def guard_of(spec: TunnelSpec) -> Guard:
    return Guard(spec.interface, spec.addresses, spec.prefixes, spec.resolvers, spec.check, spec.users)


def guard_document(guard: Guard) -> str:
    """The script for `nft -f -` that loads this guard in the place of any other."""
    comment = _comment(guard)
    return (
        removal_document() + _table("inet", comment, _inet_chains(guard)) + _table("arp", comment, _arp_chains(guard))
    )


def removal_document() -> str:
    """The script that removes the guard; without one it does nothing."""
    return "".join(f"add table {family} {TABLE}\ndelete table {family} {TABLE}\n" for family in ("inet", "arp"))


def tables_of(guard: Guard) -> tuple[Table, ...]:
    """How this guard's tables look when they are read back."""
    comment = _comment(guard)
    return tuple(
        Table(family, TABLE, comment, dormant=False, rules=sum(len(chain.rules) for chain in chains))
        for family, chains in ((INET, _inet_chains(guard)), (ARP, _arp_chains(guard)))
    )


def _inet_chains(guard: Guard) -> tuple[_Chain, ...]:
    tunnel = f'oifname "{guard.interface}"'
    elsewhere = f'iifname != {{ "{guard.interface}", "lo" }}'
    prefixes = tuple(_matches("daddr", guard.prefixes))
    own = tuple(address.network for address in guard.addresses)
    output = (
        'oifname "lo" accept',
        *(f"{tunnel} {verdict}" for verdict in _into_the_tunnel(guard)),
        *(f"{match} {_REFUSE}" for match in prefixes),
        *(f"{match} {_DROP}" for match in _matches("saddr", own)),
    )
    incoming = f'iifname "{guard.interface}"'
    arrivals = (
        f"{incoming} ct state {_GOES_ON} accept",
        f"{incoming} icmp type echo-request accept",
        f"{incoming} icmpv6 type echo-request accept",
        f"{incoming} {_DROP}",
    )
    forward = (
        f"{incoming} {_DROP}",
        f"{tunnel} {_REFUSE}",
        *(f"{match} {_REFUSE}" for match in prefixes),
    )
    prerouting = (
        *(f"{elsewhere} {match} {_DROP}" for match in _matches("daddr", own)),
        *(f"{elsewhere} {match} {_DROP}" for match in _matches("saddr", guard.prefixes)),
    )
    return (
        _Chain("output", "type filter hook output priority filter - 5; policy accept;", output),
        _Chain("input", "type filter hook input priority filter - 5; policy accept;", arrivals),
        _Chain("forward", "type filter hook forward priority filter - 5; policy accept;", forward),
        _Chain("prerouting", "type filter hook prerouting priority raw; policy accept;", prerouting),
    )


def _arp_chains(guard: Guard) -> tuple[_Chain, ...]:
    own = ", ".join(str(address.ip) for address in guard.addresses if address.version == 4)
    asked = (f"arp daddr ip {{ {own} }} {_DROP}",) if own else ()
    told = (f"arp saddr ip {{ {own} }} {_DROP}",) if own else ()
    return (
        _Chain("input", "type filter hook input priority filter; policy accept;", asked),
        _Chain("output", "type filter hook output priority filter; policy accept;", told),
    )


def _into_the_tunnel(guard: Guard) -> Iterable[str]:
    if guard.users.owner is None:
        yield "accept"
        return
    yield from (f"{allowed} accept" for allowed in _allowed(guard))
    yield f"meta skuid {_ANYBODY} {_REFUSE}"
    yield f"ct state {_GOES_ON} accept"
    yield _REFUSE


def _allowed(guard: Guard) -> Iterable[str]:
    """What a packet into the tunnel must be: one of these."""
    users = guard.users
    yield f"meta skuid {users.owner}"
    if users.prober is not None and guard.check is not None:
        family = _family(guard.check.address.version)
        yield f"meta skuid {users.prober} {family} daddr {guard.check.address} tcp dport {guard.check.port}"
    if users.resolver is not None:
        for match in _matches("daddr", tuple(_host(resolver) for resolver in guard.resolvers)):
            yield f"meta skuid {users.resolver} {match} meta l4proto {{ tcp, udp }} th dport 53"


def _matches(field: str, prefixes: Sequence[Prefix]) -> Iterable[str]:
    """One match per address family. Overlapping prefixes are merged, since a set of intervals refuses them."""
    four = collapse_addresses(prefix for prefix in prefixes if isinstance(prefix, IPv4Network))
    six = collapse_addresses(prefix for prefix in prefixes if isinstance(prefix, IPv6Network))
    for version, merged in ((4, tuple(four)), (6, tuple(six))):
        if merged:
            yield f"{_family(version)} {field} {{ {', '.join(str(prefix) for prefix in merged)} }}"


def _host(address: Address) -> Prefix:
    return IPv4Network(address) if address.version == 4 else IPv6Network(address)


def _family(version: int) -> str:
    return "ip" if version == 4 else "ip6"


def _table(family: str, comment: str, chains: tuple[_Chain, ...]) -> str:
    body = "".join(
        f"  chain {chain.name} {{\n    {chain.hook}\n" + "".join(f"    {rule}\n" for rule in chain.rules) + "  }\n"
        for chain in chains
    )
    return f'table {family} {TABLE} {{\n  comment "{comment}"\n{body}}}\n'


def _comment(guard: Guard) -> str:
    text = _table("inet", "", _inet_chains(guard)) + _table("arp", "", _arp_chains(guard))
    return f"flexnetd 1 {hashlib.sha256(text.encode()).hexdigest()[:32]}"

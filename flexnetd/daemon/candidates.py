"""The ways to the gateways: what has to be resolved, and what is made of the answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

from flexnetd.daemon import nat64
from flexnetd.model.network import Address, Endpoint, HostPort
from flexnetd.session.states import Candidate

MOST_ADDRESSES = 8
"""Of one gateway."""


def hosts_to_resolve(gateways: tuple[HostPort, ...]) -> tuple[str, ...]:
    """Each once. For a gateway that is named by its IPv4 address, what tells of a translator."""
    hosts = dict.fromkeys(gateway.host for gateway in gateways if _address(gateway.host) is None)
    if any(isinstance(_address(gateway.host), IPv4Address) for gateway in gateways):
        hosts[nat64.NAME] = None
    return tuple(hosts)


def candidates(gateways: tuple[HostPort, ...], known: Mapping[str, tuple[str, ...]]) -> tuple[Candidate, ...]:
    """Every way to every gateway, in order of preference; of a name's addresses IPv6 and IPv4 in turn, MOST_ADDRESSES
    at most: a worker that was taken over must not keep us trying for hours."""
    found = []
    for index, gateway in enumerate(gateways):
        for address in _addresses_of(gateway.host, known)[:MOST_ADDRESSES]:
            found.append(Candidate(index, Endpoint(address, gateway.port)))
    return tuple(found)


def _addresses_of(host: str, known: Mapping[str, tuple[str, ...]]) -> list[Address]:
    address = _address(host)
    if isinstance(address, IPv4Address):
        return [address, *nat64.embedded(address, known.get(nat64.NAME, ()))]
    return [address] if address is not None else _families_in_turn(known.get(host, ()))


def _families_in_turn(texts: tuple[str, ...]) -> list[Address]:
    good = tuple(dict.fromkeys(address for text in texts if (address := _address(text)) is not None))
    six: list[Address] = [address for address in good if address.version == 6]
    four: list[Address] = [address for address in good if address.version == 4]
    turns: list[Address] = []
    for index in range(max(len(six), len(four))):
        turns += six[index : index + 1] + four[index : index + 1]
    return turns


def _address(text: str) -> Address | None:
    """None for a name, and for an address with a scope, which is any text at all. An IPv4 address in IPv6's clothes is
    the IPv4 address, so that it is held against the prefixes as what it is."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id is not None else address.ipv4_mapped or address
    return address

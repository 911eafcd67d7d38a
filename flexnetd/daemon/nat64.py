"""Plain IPv4 addresses from a network with IPv6 alone. Pure.

Such a network has a translator (NAT64) and a resolver that gives names of the IPv4 Internet an address at it (DNS64). A
gateway that a grant names by its IPv4 address has no name, so the address is made here. The translator's prefix is told
by the resolver: `ipv4only.arpa` has two known IPv4 addresses and never an IPv6 one, so whatever comes for it is they,
embedded in the prefix (RFC 7050; where the bytes stand, RFC 6052, 2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address

NAME = "ipv4only.arpa"
_KNOWN = (bytes((192, 0, 0, 170)), bytes((192, 0, 0, 171)))
_PLACES = {
    96: (12, 13, 14, 15),
    64: (9, 10, 11, 12),
    56: (7, 9, 10, 11),
    48: (6, 7, 9, 10),
    40: (5, 6, 7, 9),
    32: (4, 5, 6, 7),
}
"""By the prefix's length, where the four bytes stand. Byte 8 is always 0."""
MOST_PREFIXES = 2


def embedded(address: IPv4Address, told: Iterable[str]) -> tuple[IPv6Address, ...]:
    """`address` at each translator that `told`, the addresses of `NAME`, speak of."""
    found = dict.fromkeys(made for text in told if (made := _like(text, address)) is not None)
    return tuple(found)[:MOST_PREFIXES]


def _like(text: str, address: IPv4Address) -> IPv6Address | None:
    """`address` in the place in which `text` has a known one."""
    try:
        like = IPv6Address(text)
    except ValueError:
        return None
    if like.scope_id is not None:
        return None
    packed = bytearray(like.packed)
    for places in _possible(packed):
        for place, byte in zip(places, address.packed, strict=True):
            packed[place] = byte
        return IPv6Address(bytes(packed))
    return None


def _possible(packed: bytearray) -> Iterator[tuple[int, ...]]:
    for length, places in _PLACES.items():
        rest = [index for index in range(length // 8, 16) if index not in places]
        if bytes(packed[place] for place in places) in _KNOWN and not any(packed[index] for index in rest):
            yield places

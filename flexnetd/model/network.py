"""Addresses, prefixes and endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

Address = IPv4Address | IPv6Address
Interface = IPv4Interface | IPv6Interface
Prefix = IPv4Network | IPv6Network

PUBLIC_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class HostPort:
    """A name or literal address and a port, not yet resolved."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a WireGuard peer is reached: an address and a UDP port."""

    address: Address
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if self.address.version == 6 else f"{self.address}:{self.port}"


def host_port_from_origin(origin: str) -> HostPort:
    """Host and port of an origin, "https://host[:port]"; an IPv6 address comes without its brackets."""
    authority = origin.removeprefix("https://")
    host, colon, port = authority.rpartition(":")
    if colon and port.isdigit():
        return HostPort(host.strip("[]"), int(port))
    return HostPort(authority.strip("[]"), 443)


def covers(outer: Prefix, inner: Prefix) -> bool:
    """True when every address of `inner` lies in `outer`; prefixes of different families never cover each other."""
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False


def domain_covers(outer: str, inner: str) -> bool:
    """True when the DNS name `inner` is `outer` or lies under it. Both without a trailing dot."""
    outer, inner = outer.lower().rstrip("."), inner.lower().rstrip(".")
    return inner == outer or inner.endswith("." + outer)

"""A grant: what the operator allows this session, verified and checked against the profile's ceiling.

Values of these types exist only behind `flexnetd/wire/grant.py`, which verifies the signature first, and
`flexnetd/tunnel/grant_check.py`, which holds them to the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass

from flexnetd.model.network import Address, HostPort, Interface, Prefix
from flexnetd.model.secret import Secret, SecretBytes


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """One gateway of a grant, read from its WireGuard configuration text."""

    public_key: bytes
    preshared_key: SecretBytes
    endpoint: HostPort
    keepalive_s: int


@dataclass(frozen=True, slots=True)
class Grant:
    """Durations are in seconds from `server_time` (seconds since the epoch); gateways in order of preference."""

    session: str
    token: Secret
    server_time: int
    ends_in_s: int
    renew_in_s: int
    addresses: tuple[Interface, ...]
    mtu: int
    prefixes: tuple[Prefix, ...]
    resolvers: tuple[Address, ...]
    domains: tuple[str, ...]
    check: HostPort | None
    gateways: tuple[GatewayConfig, ...]

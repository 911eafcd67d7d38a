"""A profile: which portal, whom to trust for it, and the ceiling of what a grant may ask of this machine.

`flexnetd/model/profile_file.py` reads one from its file; this is the value. It is root's word on this machine: whatever
the portal, a gateway or the worker says, nothing above the ceiling is routed, resolved or trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network

from flexnetd.model.factor import Factor
from flexnetd.model.network import HostPort, Prefix, host_port_from_origin

TI_PREFIXES: tuple[Prefix, ...] = (IPv4Network("100.64.0.0/10"), IPv6Network("2a10:1982::/32"))
"""The Telematikinfrastruktur's own address space, which no profile may claim."""


class Scope(Enum):
    """Whose traffic may enter the tunnel."""

    OWNER = "owner"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call. `telephone` and `hours` as they are to be shown."""

    name: str
    telephone: str
    email: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """How the portal proves itself: a certificate authority's file, or pins (base64 SHA-256 of the public key)."""

    ca_file: str = ""
    pins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that a grant may ask for."""

    prefixes: tuple[Prefix, ...]
    domains: tuple[str, ...]
    gateways: tuple[HostPort, ...]
    longest_session_s: int


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    display_name: Mapping[str, str]
    portal_origin: str
    trust: Trust
    grant_keys: tuple[bytes, ...]
    weakest_factor: Factor
    contact: Mapping[str, Contact]
    ceiling: Ceiling
    scope: Scope = Scope.OWNER

    @property
    def portal(self) -> HostPort:
        return host_port_from_origin(self.portal_origin)

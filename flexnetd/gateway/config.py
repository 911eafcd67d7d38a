"""What an agent is told by its configuration file. `config_file.py` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flexnetd.model.network import HostPort, Interface, Prefix


@dataclass(frozen=True, slots=True)
class PortalAccess:
    """Where the portal is, which authority signed its certificate, and by which certificate it knows this gateway."""

    origin: HostPort
    authority: Path
    certificate: Path
    private_key: Path


@dataclass(frozen=True, slots=True)
class InterfaceConfig:
    """`addresses` are the gateway's own inside the tunnel; the networks they lie in hold the clients' addresses.
    `private_key` is the file of the WireGuard key, which the agent makes when it is missing."""

    name: str
    addresses: tuple[Interface, ...]
    listen_port: int
    mtu: int
    private_key: Path

    @property
    def networks(self) -> tuple[Prefix, ...]:
        return tuple(address.network for address in self.addresses)


@dataclass(frozen=True, slots=True)
class AgentConfig:
    portal: PortalAccess
    interface: InterfaceConfig

"""The tunnel that is wanted, as one value.

`spec_from_grant` makes it of a checked grant, the gateway of choice at one resolved address, and the uids of this
machine. Whatever the tunnel engine does is derived from this value and from what is there; it keeps no other memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.grant import Grant
from flexnetd.model.network import Address, Endpoint, Interface, Prefix
from flexnetd.model.secret import SecretBytes
from flexnetd.tunnel.marks import INTERFACE, INTERFACE_NAME

SMALLEST_MTU = 1280
WIREGUARD_OVERHEAD = 80
"""Bytes that WireGuard adds to a packet at most: IPv6 40, UDP 8, its own header and tag 32."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The gateway in use. `keepalive_s` 0 = off."""

    public_key: bytes
    preshared_key: SecretBytes
    endpoint: Endpoint
    keepalive_s: int


@dataclass(frozen=True, slots=True)
class Users:
    """Whose packets may enter the tunnel, by uid. `owner` None: everybody on this machine. `prober` (the worker's) may
    reach the check address and nothing else, `resolver` (systemd-resolved's) the resolvers at port 53; None: nobody."""

    owner: int | None
    prober: int | None
    resolver: int | None


@dataclass(frozen=True, slots=True)
class TunnelSpec:
    """`addresses` are host addresses (/32, /128). `names` False: the resolvers and domains are not given to the
    machine, because the tunnel is not proven yet. `check` is what the prober asks, at TCP."""

    mtu: int
    addresses: tuple[Interface, ...]
    peer: Peer
    prefixes: tuple[Prefix, ...]
    resolvers: tuple[Address, ...]
    domains: tuple[str, ...]
    check: Endpoint | None
    users: Users
    names: bool = True
    interface: str = INTERFACE

    def __post_init__(self) -> None:
        if not INTERFACE_NAME.fullmatch(self.interface):
            raise ValueError("not a name of ours")


def spec_from_grant(
    grant: Grant, gateway: int, endpoint: Endpoint, users: Users, *, path_mtu: int | None = None, names: bool = True
) -> TunnelSpec:
    """The tunnel by the grant's gateway of that number, reached at `endpoint`; `path_mtu` of the way there, if known.

    Raises Fault: GRANT_OVERLAPS_UNDERLAY when the gateway's name led to an address behind the tunnel, or to its own.
    """
    config = grant.gateways[gateway]
    own = {address.ip for address in grant.addresses}
    if endpoint.address in own or any(endpoint.address in prefix for prefix in grant.prefixes):
        raise Fault(Code.GRANT_OVERLAPS_UNDERLAY, what="gateway", value=str(endpoint))
    return TunnelSpec(
        mtu=tunnel_mtu(grant.mtu, path_mtu),
        addresses=grant.addresses,
        peer=Peer(config.public_key, config.preshared_key, endpoint, config.keepalive_s),
        prefixes=grant.prefixes,
        resolvers=grant.resolvers,
        domains=grant.domains,
        check=Endpoint(ip_address(grant.check.host), grant.check.port) if grant.check else None,
        users=users,
        names=names,
    )


def tunnel_mtu(wanted: int, path_mtu: int | None) -> int:
    """The operator's MTU, or what the path to the gateway leaves of its own; never below what IPv6 needs."""
    fits = wanted if path_mtu is None else min(wanted, path_mtu - WIREGUARD_OVERHEAD)
    return max(SMALLEST_MTU, fits)

"""What a session is granted: claims and WireGuard configuration texts. Pure."""

from __future__ import annotations

import base64
from ipaddress import ip_interface

from flexnetd.model.grant import GatewayConfig
from flexnetd.model.secret import Secret, SecretBytes
from flexnetd.portal.config import Network
from flexnetd.portal.storage.sessions import Hop, Session
from flexnetd.wire.grant import GrantClaims
from flexnetd.wireguard.config_text import TunnelConfig, write_config
from flexnetd.wireguard.config_values import host_port_from_text


def grant_claims(
    origin: str, network: Network, session: Session, hops: tuple[Hop, ...], token: Secret, digest: bytes, now: int
) -> GrantClaims:
    """`hops` in order of preference, at least one; `digest` that of the login which asked."""
    return GrantClaims(
        version=1,
        audience=origin,
        login_digest=digest,
        public_key=session.public_key,
        session=session.id,
        token=token,
        server_time=now,
        ends_in_s=session.ends_at - now,
        renew_in_s=max(0, session.renewable_until - now),
        resolvers=tuple(str(resolver) for resolver in network.resolvers),
        domains=network.domains,
        check=network.check,
        configs=tuple(configuration_text(network, session, hop) for hop in hops),
    )


def configuration_text(network: Network, session: Session, hop: Hop) -> str:
    """A WireGuard configuration without a private key, which the portal never has.

    Raises ValueError for a gateway whose stored endpoint is none: the writer reads its own text back.
    """
    addresses = [f"{session.address}/32"] + ([] if session.address6 is None else [f"{session.address6}/128"])
    gateway = GatewayConfig(
        hop.public_key,
        SecretBytes(base64.b64decode(hop.preshared_key.reveal())),
        host_port_from_text(hop.endpoint),
        network.keepalive_s,
    )
    own = tuple(ip_interface(address) for address in addresses)
    return write_config(TunnelConfig(own, network.prefixes, gateway, network.resolvers, network.mtu))

"""What a session is granted: claims and WireGuard configuration texts. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from flexnetd.model.secret import Secret
from flexnetd.portal.config import Network
from flexnetd.portal.storage.sessions import Hop, Session
from flexnetd.wire.grant import GrantClaims


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
    """A WireGuard configuration without a private key, which the portal never has."""
    return "\n".join((*_interface(network, session), "", *_peer(network, hop), ""))


def _interface(network: Network, session: Session) -> Iterable[str]:
    addresses = [f"{session.address}/32"] + ([] if session.address6 is None else [f"{session.address6}/128"])
    yield "[Interface]"
    yield f"Address = {', '.join(addresses)}"
    if network.resolvers:
        yield f"DNS = {', '.join(str(resolver) for resolver in network.resolvers)}"
    yield f"MTU = {network.mtu}"


def _peer(network: Network, hop: Hop) -> Iterable[str]:
    yield "[Peer]"
    yield f"PublicKey = {base64.b64encode(hop.public_key).decode()}"
    yield f"PresharedKey = {hop.preshared_key.reveal()}"
    yield f"AllowedIPs = {', '.join(str(prefix) for prefix in network.prefixes)}"
    yield f"Endpoint = {hop.endpoint}"
    if network.keepalive_s:
        yield f"PersistentKeepalive = {network.keepalive_s}"

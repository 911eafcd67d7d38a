"""The grant as it travels: a signed statement whose payload is `GrantClaims`.

Order matters: `open_grant` verifies the signature with the profile's keys before anything is parsed, then parses
strictly, then holds the claims to this very sign-in (audience, digest, public key). What the claims ask for is judged
by `flexnetd/tunnel/grant_check.py` against the profile's ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire import signed
from flexnetd.wire.json_codec import Bound, Malformed, decode, encode

LONGEST_CONFIG = 64 * 1024


@dataclass(frozen=True, slots=True)
class GrantClaims:
    """`audience` is the portal's origin. `configs` are WireGuard configuration texts in order of preference, without a
    private key; every one has the same Address and AllowedIPs. `resolvers` are addresses, `domains` DNS names, `check`
    "address:port" or "". Durations count in seconds from `server_time`."""

    version: int
    audience: str
    login_digest: Annotated[bytes, Bound(32, 32)]
    public_key: Annotated[bytes, Bound(32, 32)]
    session: Annotated[str, Bound(1, 64)]
    token: Annotated[Secret, Bound(32, 128)]
    server_time: int
    ends_in_s: Annotated[int, Bound(1, 31 * 86400)]
    renew_in_s: Annotated[int, Bound(0, 31 * 86400)]
    resolvers: Annotated[tuple[str, ...], Bound(0, 8)]
    domains: Annotated[tuple[str, ...], Bound(0, 32)]
    check: Annotated[str, Bound(0, 64)]
    configs: Annotated[tuple[str, ...], Bound(1, 16)]


def sealed_grant(claims: GrantClaims, private_key: bytes) -> str:
    """The operator's side: the signed statement of these claims."""
    return signed.sign(encode(claims), private_key)


def open_grant(
    statement: str, keys: tuple[bytes, ...], audience: str, login_digest: bytes, public_key: bytes
) -> GrantClaims:
    """The claims of a grant for exactly this sign-in. Raises Fault (FN-40x)."""
    payload = signed.verify(statement, keys)
    try:
        claims = decode(GrantClaims, payload, signed.LONGEST)
    except Malformed as wrong:
        raise Fault(Code.GRANT_MALFORMED, field=wrong.field) from None
    if claims.version != 1:
        raise Fault(Code.GRANT_MALFORMED, field="version")
    for field, told, ours in (
        ("audience", claims.audience, audience),
        ("login_digest", claims.login_digest, login_digest),
        ("public_key", claims.public_key, public_key),
    ):
        if told != ours:
            raise Fault(Code.GRANT_NOT_FOR_US, field=field)
    return claims

"""Opening what the portal granted. The only thing from the Internet that the daemon parses, after its signature.

The digest is made here, from what this daemon itself knows of the sign-in and the nonce: a worker that lies about any
of it brings a grant that does not fit.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from flexnetd.model.factor import Factor
from flexnetd.model.grant import Grant
from flexnetd.model.profile import Profile
from flexnetd.wire.digest import Purpose, login_digest


@dataclass(frozen=True, slots=True)
class SignInFacts:
    """What this sign-in or renewal is, as the daemon knows it."""

    profile: Profile
    purpose: Purpose
    username: str
    factor: Factor
    public_key: bytes

    def digest(self, nonce: bytes) -> bytes:
        origin = self.profile.portal_origin
        return login_digest(self.purpose, origin, self.username, self.factor, nonce, self.public_key)


def opened_grant(statement: str, profile: Profile, digest: bytes, public_key: bytes) -> Grant:
    """The grant: signed by a key of the profile, for this very digest and key, under the profile's ceiling.

    Slow at its first use (it loads the libraries for it): for the tunnel's thread. Raises Fault GRANT_*.
    """
    from flexnetd.tunnel.grant_check import checked_grant  # noqa: PLC0415 - loaded with the first grant
    from flexnetd.wire.grant import open_grant  # noqa: PLC0415

    claims = open_grant(statement, profile.grant_keys, profile.portal_origin, digest, public_key)
    return checked_grant(claims, profile)


def warm_up() -> None:
    """Loads what opening a grant needs, while somebody looks for their key."""
    for module in ("cryptography.hazmat.primitives.asymmetric.ed25519", "flexnetd.tunnel.grant_check"):
        importlib.import_module(module)

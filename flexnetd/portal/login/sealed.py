"""The sealed login: all that `finish` needs, carried by the client, so that nothing is stored for strangers.

It is opaque and cannot be changed or made up: AEAD under a key that only the portals have. Two begins, with one public
key or one user name, never touch each other. Finishing once is the `spent` table's part.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.keys import SealBroken, Sealer
from flexnetd.wire.digest import NONCE_BYTES, Purpose, login_digest
from flexnetd.wire.json_codec import Malformed, decode, encode
from flexnetd.wire.portal import Nonce, PublicKey, Username

_IDENTITY = "login 1"
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Login:
    """`session` is the session to renew, "" for a sign-in. `ends_at`: seconds since the epoch, database's clock."""

    purpose: Purpose
    username: Username
    factor: Factor
    public_key: PublicKey
    nonce: Nonce
    ends_at: int
    session: str = ""

    def digest(self, origin: str) -> bytes:
        return login_digest(self.purpose, origin, self.username, self.factor, self.nonce, self.public_key)


def new_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def sealed_login(login: Login, sealer: Sealer) -> str:
    return base64.urlsafe_b64encode(sealer.seal(encode(login), _IDENTITY)).decode()


def open_login(sealed: str, sealer: Sealer, purpose: Purpose) -> Login:
    """The login, if it is ours and for this purpose; its end is for the caller to check. Raises Fault LOGIN_ENDED."""
    try:
        login = decode(Login, sealer.open(_bytes(sealed), _IDENTITY), _LONGEST)
    except (SealBroken, Malformed):
        raise Fault(Code.LOGIN_ENDED) from None
    if login.purpose is not purpose:
        raise Fault(Code.LOGIN_ENDED)
    return login


def spent_name(sealed: str) -> str:
    """What the `spent` table keeps of a login: the hash of its bytes, so that another spelling is the same login."""
    return hashlib.sha256(_bytes(sealed)).hexdigest()


def _bytes(sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed.encode("ascii", "strict"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Fault(Code.LOGIN_ENDED) from None

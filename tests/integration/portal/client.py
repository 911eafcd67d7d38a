"""A plain client of portal protocol version 1, for tests: signs in step by step, so that each step can go wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flexnetd.model.factor import Factor
from flexnetd.model.secret import Secret
from flexnetd.wire.digest import Purpose, login_digest
from flexnetd.wire.grant import GrantClaims, open_grant
from flexnetd.wire.json_codec import from_plain
from flexnetd.wire.portal import LoginBegin, LoginBegun, LoginFinish, RenewalBegin, RenewalFinish
from tests.bed.portal_on_loopback import PASSWORD, USERNAME, OtpKey, PortalUnderTest

Proving = Callable[[bytes], str]
"""From the login digest to the proof."""


class Refused(AssertionError):  # noqa: N818 - read as "the portal refused"
    """The portal answered with a problem document; so a test that does not expect one fails."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(f"{status} {told}")
        self.status = status
        self.code: str = told.get("code", "")
        self.facts = {**told.get("facts", {}), **told.get("numbers", {})}


@dataclass
class PortalClient:
    portal: PortalUnderTest
    username: str = USERNAME
    factor: Factor = Factor.YUBIKEY_HMAC
    headers: dict[str, str] = field(default_factory=dict)
    source: str = "127.0.0.1"

    def begin(self, public_key: bytes | None = None) -> tuple[LoginBegun, bytes]:
        """The login, and the public key it is for."""
        public_key = secrets.token_bytes(32) if public_key is None else public_key
        told = self._ask("POST", "/v1/logins", LoginBegin(self.username, self.factor, public_key, "0.1.0"))
        return from_plain(LoginBegun, told), public_key

    def digest(self, begun: LoginBegun, public_key: bytes, purpose: Purpose = Purpose.LOGIN) -> bytes:
        return login_digest(purpose, self.portal.origin, self.username, self.factor, begun.nonce, public_key)

    def finish(self, begun: LoginBegun, public_key: bytes, proof: str, password: str = PASSWORD) -> GrantClaims:
        return self.finish_with(begun, public_key, LoginFinish(begun.login, Secret(proof), Secret(password)))

    def finish_with(self, begun: LoginBegun, public_key: bytes, message: LoginFinish) -> GrantClaims:
        told = self._ask("POST", "/v1/logins/finish", message)
        return self._opened(told, begun, public_key, Purpose.LOGIN)

    def sign_in(
        self, prove: Proving | None = None, password: str = PASSWORD, new_password: str = "", activation: str = ""
    ) -> GrantClaims:
        begun, public_key = self.begin()
        proof = (prove or self.portal.hmac_key.answer)(self.digest(begun, public_key))
        message = LoginFinish(
            begun.login,
            Secret(proof),
            Secret(password),
            Secret(new_password) if new_password else None,
            Secret(activation) if activation else None,
        )
        return self.finish_with(begun, public_key, message)

    def begin_renewal(self, token: str, factor: Factor | None = None) -> LoginBegun:
        told = self._ask("POST", "/v1/session/renewal", RenewalBegin(factor or self.factor), token)
        return from_plain(LoginBegun, told)

    def renew(self, claims: GrantClaims, prove: Proving | None = None) -> GrantClaims:
        token = claims.token.reveal()
        begun = self.begin_renewal(token)
        proof = (prove or self.portal.hmac_key.answer)(self.digest(begun, claims.public_key, Purpose.RENEW))
        return self.finish_renewal(token, begun, claims.public_key, proof)

    def finish_renewal(self, token: str, begun: LoginBegun, public_key: bytes, proof: str) -> GrantClaims:
        told = self._ask("POST", "/v1/session/renewal/finish", RenewalFinish(begun.login, Secret(proof)), token)
        return self._opened(told, begun, public_key, Purpose.RENEW)

    def _opened(self, told: dict[str, Any], begun: LoginBegun, public_key: bytes, purpose: Purpose) -> GrantClaims:
        keys, digest = (self.portal.grant_public_key,), self.digest(begun, public_key, purpose)
        return open_grant(told["grant"], keys, self.portal.origin, digest, public_key)

    def _ask(self, method: str, path: str, message: object, token: str = "") -> dict[str, Any]:
        status, told, _headers = self.portal.ask(method, path, message, token, self.headers, self.source)
        if status != 200:
            raise Refused(status, told)
        return told


def pressing(key: OtpKey) -> Proving:
    """The proof of a typed factor does not depend on the digest."""
    return lambda _digest: key.press()

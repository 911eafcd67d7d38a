"""DefGuard kept pending logins by public key, so a stranger's begin replaced the owner's. Here nothing is kept."""

from __future__ import annotations

import secrets
from pathlib import Path

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import portal_on_loopback
from tests.integration.portal.client import PortalClient


def test_pending_login_cannot_be_overwritten(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        client = PortalClient(portal)
        public_key = secrets.token_bytes(32)
        mine, _ = client.begin(public_key)
        for stranger in (PortalClient(portal, "alice"), PortalClient(portal, "mallory", Factor.YUBICO_OTP)):
            other, _ = stranger.begin(public_key)
            assert other.nonce != mine.nonce
        claims = client.finish(mine, public_key, portal.hmac_key.answer(client.digest(mine, public_key)))
        assert claims.public_key == public_key

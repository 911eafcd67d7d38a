"""headscale 2731, Pritunl: a public key that has served was taken again. Here it serves one session, ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bed.portal_on_loopback import HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused


def sign_in_with(portal: PortalUnderTest, client: PortalClient, key: HmacKey, public_key: bytes) -> str:
    begun, _ = client.begin(public_key)
    with pytest.raises(Refused) as told:
        client.finish(begun, public_key, key.answer(client.digest(begun, public_key)))
    assert told.value.status == 409
    return told.value.code


def test_replayed_wireguard_key(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        other = HmacKey()
        portal.add_user("other")
        portal.enrol_hmac("other", other)
        client = PortalClient(portal)
        claims = client.sign_in()
        used = claims.public_key
        assert sign_in_with(portal, client, portal.hmac_key, used) == "FN-212", "while the session lasts"
        assert sign_in_with(portal, PortalClient(portal, "other"), other, used) == "FN-212", "by anybody"
        portal.ask("DELETE", "/v1/session", token=claims.token.reveal())
        assert sign_in_with(portal, client, portal.hmac_key, used) == "FN-212", "after it has ended"
        portal.kill()
        portal.start()
        assert sign_in_with(portal, client, portal.hmac_key, used) == "FN-212", "after a restart"

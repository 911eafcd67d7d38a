"""wag, DefGuard: codes could be tried again on one login. Here the second try needs a new begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bed.portal_on_loopback import PASSWORD, HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused


def second_try(portal: PortalUnderTest, first_proof_of: HmacKey, first_password: str) -> tuple[str, str]:
    client = PortalClient(portal)
    begun, public_key = client.begin()
    digest = client.digest(begun, public_key)
    with pytest.raises(Refused) as first:
        client.finish(begun, public_key, first_proof_of.answer(digest), first_password)
    with pytest.raises(Refused) as second:
        client.finish(begun, public_key, portal.hmac_key.answer(digest))
    return first.value.code, second.value.code


def test_one_bad_finish_ends_the_login(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        assert second_try(portal, HmacKey(), PASSWORD) == ("FN-201", "FN-208")
        assert second_try(portal, portal.hmac_key, "wrong password") == ("FN-201", "FN-208")


def test_a_good_finish_ends_it_too(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        client = PortalClient(portal)
        begun, public_key = client.begin()
        proof = portal.hmac_key.answer(client.digest(begun, public_key))
        assert client.finish(begun, public_key, proof).configs
        with pytest.raises(Refused) as told:
            client.finish(begun, public_key, proof)
        assert told.value.code == "FN-208"


def test_a_login_ends_by_its_time(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config="[logins]\nlifetime-s = 1\n") as portal:
        client = PortalClient(portal)
        begun, public_key = client.begin()
        proof = portal.hmac_key.answer(client.digest(begun, public_key))
        ended_at = portal.ask("GET", "/.well-known/flexnet")[1]["server_time"] + begun.expires_in_s
        while portal.ask("GET", "/.well-known/flexnet")[1]["server_time"] < ended_at:
            pass
        with pytest.raises(Refused) as told:
            client.finish(begun, public_key, proof)
        assert told.value.code == "FN-208"

"""Somebody else's session was extended by naming it. Here a renewal needs the session's own bearer and a fresh proof by
a key of its owner, and moves the end, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from flexnetd.wire.digest import Purpose
from flexnetd.wire.grant import GrantClaims
from tests.bed.portal_on_loopback import HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

BOB_KEY = HmacKey()


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PortalUnderTest]:
    with portal_on_loopback(tmp_path) as made:
        made.add_user("bob")
        made.enrol_hmac("bob", BOB_KEY)
        yield made


def code_of(client: PortalClient, token: str, claims: GrantClaims, key: HmacKey, bearer: str = "") -> str:
    """Renews as `token` began it, finished with `bearer`."""
    begun = client.begin_renewal(token)
    proof = key.answer(client.digest(begun, claims.public_key, Purpose.RENEW))
    with pytest.raises(Refused) as told:
        client.finish_renewal(bearer or token, begun, claims.public_key, proof)
    return told.value.code


def test_renewal_is_owned(portal: PortalUnderTest) -> None:
    alice, bob = PortalClient(portal), PortalClient(portal, "bob")
    hers, his = alice.sign_in(), bob.sign_in(BOB_KEY.answer)
    her_token, his_token = hers.token.reveal(), his.token.reveal()
    assert code_of(alice, her_token, hers, portal.hmac_key, bearer=his_token) == "FN-208", "his bearer, her login"
    assert code_of(bob, his_token, his, BOB_KEY, bearer=her_token) == "FN-208", "her bearer, his login"
    assert code_of(alice, her_token, hers, BOB_KEY) == "FN-201", "her session, his key"
    assert code_of(alice, her_token, hers, HmacKey()) == "FN-201", "her session, nobody's key"
    with pytest.raises(Refused) as told:
        alice.begin_renewal("x" * 43)
    assert told.value.code == "FN-215"
    with pytest.raises(Refused) as told:
        alice.begin_renewal(her_token, Factor.EMERGENCY_CODE)
    assert told.value.code == "FN-207"


def test_an_ended_session_is_not_renewed(portal: PortalUnderTest) -> None:
    client = PortalClient(portal)
    claims = client.sign_in()
    token = claims.token.reveal()
    begun = client.begin_renewal(token)
    proof = portal.hmac_key.answer(client.digest(begun, claims.public_key, Purpose.RENEW))
    portal.admin("session", "end", claims.session)
    with pytest.raises(Refused) as told:
        client.finish_renewal(token, begun, claims.public_key, proof)
    assert told.value.code == "FN-215"
    with pytest.raises(Refused) as told:
        client.begin_renewal(token)
    assert told.value.code == "FN-215"


def test_a_good_one_changes_neither_address_nor_key_nor_preshared_key(portal: PortalUnderTest) -> None:
    client = PortalClient(portal)
    first = client.sign_in()
    before = portal.gateway.peers[first.public_key]
    second = client.renew(first)
    assert second.configs == first.configs
    after = portal.gateway.peers[first.public_key]
    assert (after.preshared_key, after.allowed_ips) == (before.preshared_key, before.allowed_ips)


def test_a_renewal_finishes_once(portal: PortalUnderTest) -> None:
    client = PortalClient(portal)
    claims = client.sign_in()
    token = claims.token.reveal()
    begun = client.begin_renewal(token)
    proof = portal.hmac_key.answer(client.digest(begun, claims.public_key, Purpose.RENEW))
    assert client.finish_renewal(token, begun, claims.public_key, proof).configs
    with pytest.raises(Refused) as told:
        client.finish_renewal(token, begun, claims.public_key, proof)
    assert told.value.code == "FN-208"


def test_the_total_that_the_operator_sets_is_the_end(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config="[sessions]\nlength-s = 60\ntotal-s = 60\n") as portal:
        client = PortalClient(portal)
        claims = client.sign_in()
        with pytest.raises(Refused) as told:
            client.renew(claims)
        assert told.value.code == "FN-216"
        assert told.value.facts["ends_at"] == claims.server_time + claims.ends_in_s

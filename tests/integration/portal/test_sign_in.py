"""Signing in, renewing and signing out at the real portal, over TLS."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

import pytest

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest
from tests.integration.portal.client import PortalClient, Refused, pressing


def test_a_password_and_a_touch_bring_a_grant(portal: PortalUnderTest) -> None:
    claims = PortalClient(portal).sign_in()
    (config,) = claims.configs
    lines = dict(line.split(" = ", 1) for line in config.splitlines() if " = " in line)
    address, address6 = lines["Address"].split(", ")
    assert IPv4Network(address).subnet_of(IPv4Network("10.90.0.0/24"))
    assert IPv6Network(address6).subnet_of(IPv6Network("fd90::/64"))
    assert lines["AllowedIPs"] == "10.91.0.0/16, fd91::/48"
    assert lines["Endpoint"] == "gw1.example:51820"
    assert lines["DNS"] == "10.91.0.53"
    assert lines["MTU"] == "1420"
    assert "PrivateKey" not in config
    assert (claims.resolvers, claims.domains, claims.check) == (
        ("10.91.0.53",),
        ("kvsaonline.example",),
        "10.91.0.80:80",
    )
    peer = portal.gateway.peers[claims.public_key]
    assert peer.allowed_ips == (address, address6)
    assert peer.preshared_key.reveal() == lines["PresharedKey"]


def test_a_typed_code_brings_a_grant_for_an_account_without_a_bound_key(portal: PortalUnderTest) -> None:
    key = OtpKey()
    portal.add_user("typing")
    portal.enrol_otp("typing", key)
    client = PortalClient(portal, "typing", Factor.YUBICO_OTP)
    assert client.sign_in(pressing(key)).configs
    assert client.sign_in(lambda _digest: f"  {key.press().upper()}\n").configs, "Caps Lock and Enter are forgiven"


def test_either_of_two_keys_signs_in(portal: PortalUnderTest) -> None:
    first, second = HmacKey(), HmacKey()
    portal.add_user("two-keys")
    portal.enrol_hmac("two-keys", first)
    portal.enrol_hmac("two-keys", second)
    for key in (first, second):
        assert PortalClient(portal, "two-keys").sign_in(key.answer).configs


@pytest.mark.parametrize("typed", ["Alice", "ALICE"])
def test_the_user_name_is_found_whatever_its_case(portal: PortalUnderTest, typed: str) -> None:
    assert PortalClient(portal, typed).sign_in().configs


def test_a_password_is_the_same_however_its_umlauts_are_composed(portal: PortalUnderTest) -> None:
    key = HmacKey()
    portal.add_user("umlaut", "überlange Kennwörter")
    portal.enrol_hmac("umlaut", key)
    assert PortalClient(portal, "umlaut").sign_in(key.answer, "u\u0308berlange Kennwo\u0308rter").configs


def refused(portal: PortalUnderTest, username: str, key: HmacKey, password: str = PASSWORD) -> Refused:
    with pytest.raises(Refused) as told:
        PortalClient(portal, username).sign_in(key.answer, password)
    return told.value


def test_unknown_user_wrong_proof_and_wrong_password_are_one_answer(portal: PortalUnderTest) -> None:
    answers = {
        (told.status, told.code, tuple(told.facts))
        for told in (
            refused(portal, "alice", portal.hmac_key, "wrong password here"),
            refused(portal, "alice", HmacKey()),
            refused(portal, "nobody", portal.hmac_key),
        )
    }
    assert answers == {(401, "FN-201", ())}


def test_a_proof_that_is_not_base64_is_a_wrong_proof(portal: PortalUnderTest) -> None:
    for proof in ("not base64!", "c2hvcnQ=", "ä"):
        with pytest.raises(Refused) as told:
            PortalClient(portal).sign_in(lambda _digest, proof=proof: proof)  # type: ignore[misc]
        assert told.value.code == "FN-201"


def test_an_expired_password_is_told_and_changed_with_the_next_touch(portal: PortalUnderTest) -> None:
    key, client = HmacKey(), PortalClient(portal, "expired")
    portal.add_user("expired")
    portal.enrol_hmac("expired", key)
    portal.admin("user", "expire-password", "expired")
    assert refused(portal, "expired", key).code == "FN-203"
    assert refused(portal, "expired", key, "wrong password here").code == "FN-201", "told only when both were right"
    for weak in ("short", PASSWORD):
        with pytest.raises(Refused) as told:
            client.sign_in(key.answer, new_password=weak)
        assert (told.value.code, told.value.facts) == ("FN-217", {"minimum_length": 12})
    assert client.sign_in(key.answer, new_password="a longer new password").configs
    assert client.sign_in(key.answer, "a longer new password").configs
    assert refused(portal, "expired", key).code == "FN-201", "the old one is gone"


def test_the_first_sign_in_takes_the_activation_code_and_sets_a_password(portal: PortalUnderTest) -> None:
    key, client = HmacKey(), PortalClient(portal, "newcomer")
    code = portal.admin("user", "add", "newcomer")[1].removeprefix("activation code ")
    portal.enrol_hmac("newcomer", key)
    assert refused(portal, "newcomer", key).code == "FN-204"
    assert refused(portal, "newcomer", HmacKey()).code == "FN-201", "told to the key's holder alone"
    with pytest.raises(Refused) as told:
        client.sign_in(key.answer, "my own first password", activation="AAAA-BBBB-CCCC-DDDD")
    assert told.value.code == "FN-218"
    typed = code.lower().replace("-", " ")
    assert client.sign_in(key.answer, "my own first password", activation=typed).configs
    assert client.sign_in(key.answer, "my own first password").configs
    assert refused(portal, "newcomer", key, code).code == "FN-201"


def test_a_locked_account_is_told_when_both_were_right_and_its_sessions_end(portal: PortalUnderTest) -> None:
    key = HmacKey()
    portal.add_user("locked")
    portal.enrol_hmac("locked", key)
    claims = PortalClient(portal, "locked").sign_in(key.answer)
    portal.admin("user", "lock", "locked")
    portal.gateway.await_peers(lambda peers: claims.public_key not in peers)
    assert portal.ask("GET", "/v1/session", token=claims.token.reveal())[1]["code"] == "FN-215"
    assert refused(portal, "locked", key).code == "FN-205"
    assert refused(portal, "locked", key, "wrong password here").code == "FN-201"
    portal.admin("user", "unlock", "locked")
    assert PortalClient(portal, "locked").sign_in(key.answer).configs


def test_a_locked_key_is_a_wrong_key(portal: PortalUnderTest) -> None:
    key = HmacKey()
    portal.add_user("lost-key")
    key_id = portal.enrol_hmac("lost-key", key)
    portal.admin("key", "lock", "lost-key", key_id)
    assert refused(portal, "lost-key", key).code == "FN-201"


def test_renewal_moves_the_end_and_nothing_else(own_portal: PortalUnderTest) -> None:
    client = PortalClient(own_portal)
    first = client.sign_in()
    before = own_portal.gateway.peers[first.public_key]
    second = client.renew(first)
    assert second.configs == first.configs, "address, preshared key, gateway stay"
    assert (second.session, second.token, second.public_key) == (first.session, first.token, first.public_key)
    assert second.server_time + second.ends_in_s >= first.server_time + first.ends_in_s
    after = own_portal.gateway.peers[first.public_key]
    assert (after.preshared_key, after.allowed_ips) == (before.preshared_key, before.allowed_ips)


def test_a_session_tells_its_state_and_news_by_etag(portal: PortalUnderTest) -> None:
    claims = PortalClient(portal).sign_in()
    token = claims.token.reveal()
    status, view, headers = portal.ask("GET", "/v1/session", token=token)
    assert (status, view["session"], view["state"]) == (200, claims.session, "active")
    assert 0 < view["ends_in_s"] <= claims.ends_in_s
    status, nothing, _ = portal.ask("GET", "/v1/session", token=token, headers={"If-None-Match": headers["etag"]})
    assert (status, nothing) == (304, {})
    portal.admin("notice", "add", "--from", "2026-01-01", "--to", "2100-01-01", "--text", "de=Wartung")
    status, view, _ = portal.ask("GET", "/v1/session", token=token, headers={"If-None-Match": headers["etag"]})
    assert (status, view["notices"][0]["text"]) == (200, {"de": "Wartung"})


def test_signing_out_is_done_when_the_gateway_has_removed_the_peer(portal: PortalUnderTest) -> None:
    claims = PortalClient(portal).sign_in()
    token = claims.token.reveal()
    status, told, _ = portal.ask("DELETE", "/v1/session", token=token)
    assert status == 200
    assert told["gone_by"] >= claims.server_time
    assert claims.public_key not in portal.gateway.peers
    assert portal.ask("DELETE", "/v1/session", token=token)[1]["code"] == "FN-215"
    assert portal.ask("GET", "/v1/session")[1]["code"] == "FN-215", "no bearer at all"

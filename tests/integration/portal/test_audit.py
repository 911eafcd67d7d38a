"""What members do stands in the audit log; what strangers try does not."""

from __future__ import annotations

import pytest

from tests.bed.portal_on_loopback import PASSWORD, HmacKey, PortalUnderTest
from tests.integration.portal.client import PortalClient, Refused


def noted(portal: PortalUnderTest, user: str) -> list[str]:
    """Action and detail of each entry that this member caused."""
    lines = [line.split("\t") for line in portal.admin("audit", "list", "--user", user)]
    return [f"{action} {detail}" for _, _, actor, action, _, detail in lines if actor == f"user {user}"]


def test_a_session_is_noted_from_sign_in_to_sign_out(own_portal: PortalUnderTest) -> None:
    client = PortalClient(own_portal)
    claims = client.sign_in()
    client.renew(claims)
    for _ in range(2):  # the second time there is nothing to sign out of
        own_portal.ask("DELETE", "/v1/session", token=claims.token.reveal())
    what = f"session {claims.session} by yubikey-hmac"
    assert noted(own_portal, "alice") == [f"sign-in {what}", f"renew {what}", f"sign-out {what}"]
    assert own_portal.admin("audit", "verify")


def test_a_refusal_is_noted_for_the_holder_of_a_key_and_not_for_a_stranger(portal: PortalUnderTest) -> None:
    key = HmacKey()
    portal.add_user("watched")
    portal.enrol_hmac("watched", key)
    client = PortalClient(portal, "watched")
    before = portal.admin("audit", "verify")
    for _ in range(3):
        with pytest.raises(Refused):
            client.sign_in(HmacKey().answer)
    assert portal.admin("audit", "verify") == before, "a stranger writes nothing"
    with pytest.raises(Refused):
        client.sign_in(key.answer, "wrong password")
    portal.admin("user", "expire-password", "watched")
    with pytest.raises(Refused):
        client.sign_in(key.answer)
    assert noted(portal, "watched") == ["sign-in-refused FN-201", "sign-in-refused FN-203"]
    told = "\n".join(portal.admin("audit", "list"))
    assert PASSWORD not in told
    assert "127.0.0.1" not in told, "nothing can be taken out of this log, so addresses are not in it"


def test_the_list_shows_the_newest_entries_in_order(portal: PortalUnderTest) -> None:
    for name in ("listed-one", "listed-two"):
        portal.admin("user", "add", name)
    last = [line.split("\t")[3:5] for line in portal.admin("audit", "list", "--last", "2")]
    assert last == [["add", "user listed-one"], ["add", "user listed-two"]]

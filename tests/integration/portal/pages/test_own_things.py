"""Keys and sessions: a member sees and ends his own, and nobody else's."""

from __future__ import annotations

import pytest

from flexnetd.wire.grant import GrantClaims
from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import HmacKey, OtpKey
from tests.integration.portal.client import PortalClient, Refused
from tests.integration.portal.pages.conftest import Member, member_of


def connected(member: Member, key: HmacKey) -> GrantClaims:
    return PortalClient(member.portal, member.name).sign_in(key.answer)


def test_a_lost_key_is_locked_with_all_that_it_can_do(member: Member) -> None:
    """One YubiKey, enrolled to be touched and to type: the label says so."""
    touched, typing = HmacKey(), OtpKey()
    ids = [member.enrol(touched, "23456789"), member.enrol(typing, "23456789")]
    connected(member, touched)
    assert Visitor(member.portal).sign_in(member.name, typing.press()).status == 303
    visitor = member.visitor()
    page = visitor.get("/en/keys").text
    assert page.count("YubiKey 23456789</h2>") == 1
    assert (page.count("in use</p>"), page.count("locked</p>")) == (2, 0)
    question = visitor.get(f"/en/keys/{ids[0]}/lock")
    assert "Lock YubiKey 23456789?" in question.text
    assert visitor.send(f"/en/keys/{ids[0]}/lock", {"token": question.token}).location == "/en/keys?done=locked"
    assert "Nobody can sign in with it any more" in visitor.get("/en/keys?done=locked").text
    with pytest.raises(Refused) as told:
        connected(member, touched)
    assert told.value.code == "FN-201"
    assert Visitor(member.portal).sign_in(member.name, typing.press()).codes == {"FN-201"}
    assert visitor.signed_in, "the other key goes on"
    assert {line for line in member.noted() if line.startswith("lock-key")} == {f"lock-key key {one}" for one in ids}


def test_what_a_thief_opened_with_the_key_ends_with_it(member: Member) -> None:
    stolen = OtpKey()
    key_id = member.enrol(stolen, "stolen")
    thief, owner = Visitor(member.portal), member.visitor()
    assert thief.sign_in(member.name, stolen.press()).status == 303
    assert thief.signed_in
    owner.fill_in(f"/en/keys/{key_id}/lock", {})
    assert not thief.signed_in


def test_locking_the_key_in_hand_is_warned_of_and_signs_out(member: Member) -> None:
    visitor = member.visitor()
    (key_id,) = [line.split("\t")[0] for line in member.portal.admin("key", "list", member.name)]
    assert "This is your only key" in visitor.get(f"/en/keys/{key_id}/lock").text
    page = visitor.fill_in(f"/en/keys/{key_id}/lock", {})
    assert page.location == "/en/sign-in?done=locked"
    assert "so you have been signed out" in visitor.get(page.location).text
    assert "__Host-flexnet" not in visitor.cookies
    assert visitor.sign_in(member.name, member.key.press()).codes == {"FN-201"}


def test_another_members_key_cannot_be_locked(member: Member) -> None:
    other = member_of(member.portal)
    (key_id,) = [line.split("\t")[0] for line in member.portal.admin("key", "list", other.name)]
    visitor = member.visitor()
    assert visitor.get(f"/en/keys/{key_id}/lock").status == 404
    assert visitor.send(f"/en/keys/{key_id}/lock", {"token": visitor.get("/en/keys").token}).status == 404
    assert other.visitor().signed_in


def test_a_session_is_shown_and_ended_and_the_gateway_lets_it_go(member: Member) -> None:
    touched = HmacKey()
    member.enrol(touched)
    claims = connected(member, touched)
    visitor = member.visitor()
    page = visitor.get("/en/sessions")
    assert "10.90.0." in page.text
    assert "Central European" in page.text
    ended = visitor.send(f"/en/sessions/{claims.session}/end", {"token": page.token})
    assert ended.location == "/en/sessions?done=ended"
    after = visitor.get(ended.location).text
    assert "The session has ended" in after
    assert "You are not connected anywhere" in after
    assert "10.90.0." not in after
    member.portal.gateway.await_peers(lambda peers: claims.public_key not in peers)
    assert member.portal.ask("GET", "/v1/session", token=claims.token.reveal())[1]["code"] == "FN-215"
    assert member.noted()[-1] == f"end-session session {claims.session}"


def test_another_members_session_cannot_be_ended_or_seen(member: Member) -> None:
    touched, other = HmacKey(), member_of(member.portal)
    member.enrol(touched)
    claims = connected(member, touched)
    visitor = other.visitor()
    page = visitor.get("/en/sessions")
    assert "You are not connected anywhere" in page.text
    refused = visitor.send(f"/en/sessions/{claims.session}/end", {"token": page.token})
    unknown = visitor.send("/en/sessions/0000000000000000/end", {"token": page.token})
    assert (refused.status, refused.text) == (404, unknown.text), "and nobody is told that there is such a session"
    assert member.portal.ask("GET", "/v1/session", token=claims.token.reveal())[0] == 200
    assert claims.public_key in member.portal.gateway.peers


def test_other_browsers_are_counted_and_signed_out(member: Member) -> None:
    elsewhere, here = member.visitor(), member.visitor()
    assert "in one other" in here.get("/en/sessions").text
    page = here.send("/en/sign-ins/end", {"token": here.get("/en/sessions").token})
    assert page.location == "/en/sessions?done=others"
    assert here.signed_in
    assert not elsewhere.signed_in
    assert "in this browser alone" in here.get("/en/sessions").text
    assert member.noted()[-1] == "end-page-sign-ins"


def test_strangers_are_sent_to_the_sign_in_and_their_forms_too(member: Member) -> None:
    visitor = Visitor(member.portal)
    for path in ("keys", "sessions", "downloads", "handbook"):
        assert visitor.get(f"/en/{path}").location == f"/en/sign-in?for={path}"
    assert visitor.send("/en/sign-ins/end", {"token": "x"}).status == 303
    assert visitor.send("/en/keys/x/lock", {"token": "x"}).location == "/en/sign-in?for=keys"

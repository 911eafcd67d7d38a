"""Signing in to the pages: by the same verifiers, limits and order as at the protocol."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from tests.bed.pages_visitor import Page, Visitor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused, pressing
from tests.integration.portal.pages.conftest import QUICK, Member, member_of

WRONG = "wrong password here"


def test_name_password_and_code_open_the_pages(member: Member) -> None:
    visitor = Visitor(member.portal)
    assert visitor.get("/en/keys").location == "/en/sign-in?for=keys"
    page = visitor.sign_in(member.name, member.key.press())
    assert (page.status, page.location) == (303, "/en/")
    assert f"Signed in as {member.name}" in visitor.get("/en/").text
    assert visitor.signed_in
    assert re.fullmatch(r"page-sign-in key [0-9a-f]{16}", member.noted()[0])


def test_what_was_wanted_comes_after_the_sign_in_and_nothing_from_elsewhere(member: Member) -> None:
    visitor = Visitor(member.portal)
    asked = visitor.get("/de/sessions").location
    assert asked == "/de/sign-in?for=sessions"
    assert 'name="for" value="sessions"' in visitor.get(asked).text
    assert 'name="for" value=""' in visitor.get("/de/sign-in?for=//evil.example/").text
    known = {"username": member.name, "password": PASSWORD}
    page = visitor.fill_in("/de/sign-in", {**known, "code": member.key.press(), "for": "//evil.example"})
    assert page.location == "/de/"


def refused(member: Member, username: str = "", code: str = "", password: str = PASSWORD) -> Page:
    visitor = Visitor(member.portal)
    page = visitor.sign_in(username or member.name, code or member.key.press(), password)
    assert not visitor.signed_in
    return page


def without_what_was_typed(page: Page) -> str:
    return re.sub(
        r'name="(token|username)" value="[^"]*"', "", re.sub(r'id="username"[^>]*value="[^"]*"', "", page.text)
    )


def test_unknown_user_wrong_key_and_wrong_password_are_one_page(member: Member) -> None:
    pages = [
        refused(member, password=WRONG),
        refused(member, code=OtpKey().press()),
        refused(member, "nobody", OtpKey().press()),
        refused(member, "nobody", member.key.press()),
    ]
    assert [page.codes for page in pages] == [{"FN-201"}] * 4
    assert {page.status for page in pages} == {401}
    assert (
        len(
            {
                without_what_was_typed(page).replace('value="nobody"', "").replace(f'value="{member.name}"', "")
                for page in pages
            }
        )
        == 1
    )


def test_a_code_counts_once_here_and_at_the_protocol(member: Member) -> None:
    typing = PortalClient(member.portal, member.name, Factor.YUBICO_OTP)
    code = member.key.press()
    assert Visitor(member.portal).sign_in(member.name, code).status == 303
    again = refused(member, code=code)
    assert (again.status, again.codes, again.errors) == (401, {"FN-202"}, {"code"})
    with pytest.raises(Refused) as told:
        typing.sign_in(lambda _digest: code)
    assert told.value.code == "FN-202"
    other = member.key.press()
    assert typing.sign_in(lambda _digest: other).configs
    assert refused(member, code=other).codes == {"FN-202"}


def test_a_wrong_password_costs_the_code(member: Member) -> None:
    code = member.key.press()
    assert refused(member, code=code, password=WRONG).codes == {"FN-201"}
    assert refused(member, code=code).codes == {"FN-202"}
    assert member.noted() == ["page-sign-in-refused FN-201"], "a wrong password behind a good code is noted"


def test_failures_here_and_at_the_protocol_fill_one_limit(member: Member) -> None:
    stranger = "127.0.0.77"
    typing = PortalClient(member.portal, member.name, Factor.YUBICO_OTP, source=stranger)
    for _ in range(5):
        with pytest.raises(Refused):
            typing.sign_in(pressing(OtpKey()))
    visitor = Visitor(member.portal, stranger)
    tries = [visitor.sign_in(member.name, OtpKey().press()) for _ in range(6)]
    assert [page.codes for page in tries] == [{"FN-201"}] * 5 + [{"FN-210"}]
    assert tries[-1].status == 429
    assert 0 < int(tries[-1].headers["retry-after"]) <= 600
    assert Visitor(member.portal).sign_in(member.name, member.key.press()).status == 303, "the owner comes in"


def test_what_is_wrong_with_an_account_is_told_behind_code_and_password(member: Member) -> None:
    member.portal.admin("user", "lock", member.name)
    assert refused(member, password=WRONG).codes == {"FN-201"}
    assert refused(member).codes == {"FN-205"}


def test_the_first_sign_in_takes_the_activation_code_and_a_password(portal: PortalUnderTest) -> None:
    new = Member(portal, "newcomer")
    activation = portal.admin("user", "add", new.name)[1].removeprefix("activation code ")
    new.enrol(new.key)
    page = refused(new)
    assert (page.codes, 'action="/en/first-sign-in"' in page.text) == ({"FN-204"}, True), (
        "and the form goes on from there"
    )

    def told(code: str, password: str = "my own first password", repeated: str = "") -> Page:
        typed = {"username": new.name, "activation": code, "new_password": password, "repeated": repeated or password}
        return Visitor(portal).fill_in("/en/first-sign-in", {**typed, "code": new.key.press()})

    assert told("AAAA-BBBB-CCCC-DDDD").errors == {"activation"}
    assert told(activation, "short").errors == {"new_password"}
    assert told(activation, repeated="another first password").errors == {"repeated"}
    assert told(activation.lower()).location == "/en/"
    assert Visitor(portal).sign_in(new.name, new.key.press(), "my own first password").status == 303
    assert told(activation).codes == {"FN-201"}, "the code counts once"
    assert "set-password" in new.noted()


def test_an_expired_password_is_changed_and_then_counts(member: Member) -> None:
    member.portal.admin("user", "expire-password", member.name)
    page = refused(member)
    assert (page.status, page.codes, 'action="/en/password"' in page.text) == (403, {"FN-203"}, True)
    new = "a longer new password"
    visitor = Visitor(member.portal)
    typed = {"username": member.name, "password": PASSWORD, "new_password": new, "repeated": new}
    assert visitor.fill_in("/en/password", {**typed, "code": member.key.press()}).status == 303
    assert visitor.signed_in
    assert refused(member).codes == {"FN-201"}


def test_a_new_password_ends_every_other_sign_in(member: Member) -> None:
    here, elsewhere = member.visitor(), member.visitor()
    old_password = {"password": PASSWORD, "new_password": PASSWORD, "repeated": PASSWORD}
    same = here.fill_in("/en/password", {**old_password, "code": member.key.press()})
    assert (same.errors, same.codes) == ({"new_password"}, {"FN-217"})
    new = {"password": PASSWORD, "new_password": "a longer new password", "repeated": "a longer new password"}
    done = here.fill_in("/en/password", {**new, "username": "alice", "code": member.key.press()})
    assert done.location == "/en/?done=password"
    assert here.signed_in
    assert not elsewhere.signed_in
    assert Visitor(member.portal).sign_in(member.name, member.key.press(), "a longer new password").status == 303


def test_who_has_the_better_key_types_a_code_here_and_not_at_the_protocol(member: Member) -> None:
    member.enrol(HmacKey())
    with pytest.raises(Refused) as told:
        PortalClient(member.portal, member.name, Factor.YUBICO_OTP).sign_in(pressing(member.key))
    assert told.value.code == "FN-207"
    assert member.visitor().signed_in


def test_what_is_missing_is_named_by_its_field_and_nothing_typed_comes_back(member: Member) -> None:
    visitor = Visitor(member.portal)
    empty = visitor.fill_in("/en/sign-in", {})
    assert (empty.status, empty.errors) == (422, {"username", "password", "code"})
    page = visitor.fill_in("/en/sign-in", {"username": '"><b>x', "password": "pass-word", "code": "987651"})
    assert page.errors == {"code"}
    assert "pass-word" not in page.text
    assert "987651" not in page.text
    assert '"><b>x' not in page.text, "a name is text, never markup"
    assert "&#34;&gt;&lt;b&gt;x" in page.text


def test_a_hash_is_not_to_be_had_without_a_good_code(tmp_path: Path) -> None:
    costly = "[passwords]\nargon2-memory-kib = 131072\n"
    with portal_on_loopback(tmp_path, more_config=QUICK + costly) as portal:
        member = member_of(portal)
        before = peak_mib(portal)
        for _ in range(9):
            assert refused(member, code=OtpKey().press()).codes == {"FN-201"}
        assert peak_mib(portal) - before < 64
        assert refused(member, password=WRONG).codes == {"FN-201"}
        assert peak_mib(portal) - before > 64, "behind a good code it is made, so this test can fail"


def peak_mib(portal: PortalUnderTest) -> float:
    """The most memory that the portal's process ever had resident."""
    status = Path(f"/proc/{portal.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024

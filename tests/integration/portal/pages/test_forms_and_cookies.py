"""What the server holds to whatever a browser would have prevented: forms, cookies, heads of answers, ends."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.pages_visitor import FORM, Visitor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.pages.conftest import QUICK, Member, member_of

EVERYBODYS = ("", "sign-in", "first-sign-in", "password", "contact", "no-such-page")
MEMBERS = ("", "downloads", "handbook", "keys", "sessions", "password", "contact")
SIGNED_IN = "__Host-flexnet"


def test_cookies_are_for_this_host_alone_and_out_of_reach_of_scripts(member: Member) -> None:
    visitor = Visitor(member.portal)
    lines = [*visitor.get("/de/sign-in").set_cookies, *visitor.sign_in(member.name, member.key.press()).set_cookies]
    assert [line.partition("=")[0] for line in lines] == ["__Host-flexnet-form", SIGNED_IN]
    for line in lines:
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert attributes == {"path=/", "secure", "httponly", "samesite=strict"}, (
            "no Domain, no life beyond the browser"
        )


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_has_the_strict_head_and_is_stored_by_nobody(member: Member, language: str) -> None:
    signed_in = member.visitor()
    pages = [Visitor(member.portal).get(f"/{language}/{path}") for path in EVERYBODYS]
    pages += [signed_in.get(f"/{language}/{path}") for path in MEMBERS]
    pages += [Visitor(member.portal).get("/"), Visitor(member.portal).get(f"/{language}/keys")]
    for page in pages:
        policy = page.headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
        assert not any(rule.startswith("script-src") or "unsafe" in rule or "*" in rule for rule in policy)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["x-frame-options"] == "DENY"
        assert "<script" not in page.text
        assert not re.search(r"\s(on\w+|style)=", page.text)


def test_the_style_may_be_kept_for_ever_since_its_address_has_its_hash(portal: PortalUnderTest) -> None:
    visitor = Visitor(portal)
    (address,) = re.findall(r'href="(/static/[^"]+\.css)"', visitor.get("/de/").text)
    style = visitor.get(address)
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in style.headers["cache-control"]
    assert visitor.get(address.replace("/static/", "/static/0")).status == 404


def test_a_form_without_the_right_token_changes_nothing(member: Member) -> None:
    key_id = member.enrol(HmacKey(), "lost")
    visitor, other = member.visitor(), member_of(member.portal).visitor()
    path = f"/de/keys/{key_id}/lock"
    good = visitor.get(path).token
    stranger = Visitor(member.portal).get("/de/sign-in").token
    for token in ("", "0" * 32, other.get("/de/keys").token, stranger, good[:-1]):
        page = visitor.send(path, {"token": token})
        assert (page.status, page.codes) == (403, {"FN-115"})
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ):
        assert visitor.send(path, {"token": good}, headers).status == 403, headers
    body = f"token={good}&token={good}".encode()
    assert visitor.ask("POST", path, body, {"Content-Type": FORM}).status == 403
    assert "locked" not in visitor.get("/en/keys").text
    older = {"Origin": "", "Sec-Fetch-Site": ""}
    assert visitor.send(path, {"token": good}, older).location == "/de/keys?done=locked", "an old browser tells neither"


def test_a_sign_in_form_of_another_browser_is_refused(member: Member) -> None:
    """Else somebody could be signed in as the attacker, and type what is his into the attacker's account."""
    attackers, victim = Visitor(member.portal), Visitor(member.portal)
    victim.get("/de/sign-in")
    typed = {"username": member.name, "password": PASSWORD, "code": member.key.press()}
    page = victim.send("/de/sign-in", {**typed, "token": attackers.get("/de/sign-in").token})
    assert (page.status, SIGNED_IN in victim.cookies) == (403, False)
    assert member.noted() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_changes_something_is_a_form(member: Member, method: str) -> None:
    visitor = member.visitor()
    assert visitor.ask(method, "/de/sign-out", None, {}).status in {404, 405}
    assert visitor.signed_in


def test_a_form_that_is_too_long_is_cut_off(portal: PortalUnderTest) -> None:
    page = Visitor(portal).send("/en/sign-in", {"username": "x" * 20000})
    assert (page.status, page.codes) == (400, {"FN-115"})


def test_signing_out_ends_the_sign_in_not_only_the_cookie(member: Member) -> None:
    visitor = member.visitor()
    kept = dict(visitor.cookies)
    page = visitor.send("/en/sign-out", {"token": visitor.get("/en/keys").token})
    assert page.location == "/en/sign-in?done=signed-out"
    assert "You have signed out" in visitor.get(page.location).text
    assert SIGNED_IN not in visitor.cookies
    visitor.cookies = kept
    assert not visitor.signed_in
    assert "Your sign-in has ended" in visitor.get("/en/sign-in").text
    assert member.noted()[-1] == "page-sign-out"


@pytest.mark.parametrize("ending", ["user lock {name}", "key lock {name} {key}"])
def test_what_the_helpdesk_locks_is_signed_out_at_once(member: Member, ending: str) -> None:
    visitor = member.visitor()
    key_id = member.portal.admin("key", "list", member.name)[0].split("\t")[0]
    member.portal.admin(*ending.format(name=member.name, key=key_id).split())
    assert visitor.get("/en/keys").status == 303


def test_a_sign_in_ends_after_a_while_without_use_and_in_any_case_after_its_time(tmp_path: Path) -> None:
    lasts = "[pages]\nidle-s = 60\nlongest-s = 60\n"
    with portal_on_loopback(tmp_path, more_config=QUICK + lasts) as portal:
        member = member_of(portal)
        for column, ago in (("seen_at", 59), ("seen_at", 61), ("ends_at", 61)):
            visitor = member.visitor()
            assert visitor.signed_in
            set_back(portal, column, ago)
            assert visitor.signed_in is (ago < 60), column
        until(lambda: sign_ins(portal) == 1, 60, "the housekeeping to remove what has ended")


def set_back(portal: PortalUnderTest, column: str, seconds: int) -> None:
    """As if so much time had gone by for the newest sign-in."""
    database = sqlite3.connect(portal.folder / "portal.db")
    with database:
        newest = "SELECT token FROM page_sessions ORDER BY rowid DESC LIMIT 1"
        database.execute(f"UPDATE page_sessions SET {column} = {column} - ? WHERE token = ({newest})", (seconds,))
    database.close()


def sign_ins(portal: PortalUnderTest) -> int:
    database = sqlite3.connect(portal.folder / "portal.db")
    try:
        return int(database.execute("SELECT count(*) FROM page_sessions").fetchone()[0])
    finally:
        database.close()


def test_the_language_is_the_browsers_and_then_the_persons(portal: PortalUnderTest) -> None:
    visitor = Visitor(portal)
    for asked, path in (("en-GB,en;q=0.9", "/en/"), ("de-AT", "/de/"), ("fr,en;q=0.3,de;q=0.2", "/en/"), ("", "/de/")):
        page = visitor.get("/", {"Accept-Language": asked})
        assert (page.location, page.headers["vary"]) == (path, "Accept-Language")
    german = visitor.get("/de/contact").text
    assert '<html lang="de">' in german
    assert '<a href="/en/contact" lang="en" hreflang="en">English</a>' in german


def test_an_unknown_page_is_told_as_a_page_and_the_protocol_keeps_its_problems(portal: PortalUnderTest) -> None:
    page = Visitor(portal).get("/de/no-such-page")
    assert (page.status, page.codes) == (404, {"FN-704"})
    assert "Diese Seite gibt es nicht" in page.text
    assert Visitor(portal).get("/v1/none").headers["content-type"].startswith("application/problem+json")


def test_a_database_that_does_not_answer_is_a_page_that_says_so(own_portal: PortalUnderTest) -> None:
    database = sqlite3.connect(own_portal.folder / "portal.db")
    database.execute("ALTER TABLE notices RENAME TO away")
    page = Visitor(own_portal).get("/de/")
    assert (page.status, page.codes, page.headers["retry-after"]) == (503, {"FN-110"}, "5")
    assert "Das Portal ist im Moment ausgelastet" in page.text
    database.execute("ALTER TABLE away RENAME TO notices")
    database.close()
    assert Visitor(own_portal).get("/de/").status == 200

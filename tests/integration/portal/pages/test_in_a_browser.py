"""The pages in Debian's Chromium: by keyboard alone, without scripts, without a complaint on the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.browser.browser import Browser
from tests.bed.pages_visitor import Visitor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient
from tests.integration.portal.pages.conftest import PAGES, QUICK, Member, fill_folders, member_of
from tests.integration.portal.postgres import postgresql

MOST_TABS = 40


@pytest.fixture
def browser(portal: PortalUnderTest) -> Iterator[Browser]:
    with Browser(portal.folder / "portal.pem") as opened:
        yield opened
        assert complaints_of(opened) == [], "the pages broke their own policy, or named what is not there"


def complaints_of(browser: Browser) -> list[str]:
    """That it has forgotten what it was told to forget is none."""
    return [line for line in browser.console() if "Cleared data types" not in line]


def tab_to(browser: Browser, wanted: str) -> None:
    """Presses Tab until the focus is on what has this text, label or name; as a person would, and no further."""
    for _ in range(MOST_TABS):
        browser.press("Tab")
        focus = browser.focused()
        if wanted in {focus.text, focus.name} or focus.text.startswith(wanted):
            return
    raise AssertionError(f"{wanted!r} is not reached by Tab on {browser.path}")


def sign_in_by_keyboard(browser: Browser, name: str, key: OtpKey, lands_on: str = "/de/") -> None:
    """The sign-in page is open, and its first field has the focus."""
    assert browser.focused().name == "username"
    browser.type(name)
    browser.press("Tab")
    browser.type(PASSWORD)
    browser.press("Tab")
    assert browser.focused().name == "code"
    browser.type(key.press())
    browser.press("Enter")  # the key presses it by itself
    browser.await_path(lands_on)


def the_whole_road(browser: Browser, member: Member) -> None:
    """Sign in, see and end a session, lock a lost key, sign out: not once a mouse."""
    portal, touched = member.portal, HmacKey()
    member.enrol(touched, "lost one")
    claims = PortalClient(portal, member.name).sign_in(touched.answer)
    browser.open(f"{portal.origin}/de/")
    browser.press("Tab")
    assert browser.focused().text == "Zum Inhalt springen"
    tab_to(browser, "Anmelden")
    browser.press("Enter")
    browser.await_path("/de/sign-in")
    sign_in_by_keyboard(browser, member.name, member.key)
    tab_to(browser, "Meine Sitzungen")
    browser.press("Enter")
    browser.await_path("/de/sessions")
    tab_to(browser, "Diese Sitzung beenden")
    browser.press("Enter")
    browser.await_text("Die Sitzung ist beendet.")
    portal.gateway.await_peers(lambda peers: claims.public_key not in peers)
    tab_to(browser, "Meine Schlüssel")
    browser.press("Enter")
    browser.await_path("/de/keys")
    tab_to(browser, "Diesen Schlüssel sperren\nYubiKey lost one")
    browser.press("Enter")
    browser.await_text("YubiKey lost one sperren?")
    tab_to(browser, "Ja, diesen Schlüssel sperren")
    browser.press("Enter")
    browser.await_text("Niemand kann sich mehr damit anmelden.")
    tab_to(browser, "Abmelden")
    browser.press("Space")
    browser.await_text("Sie haben sich abgemeldet.")
    assert "__Host-flexnet" not in browser.cookies()


def test_the_whole_road_by_keyboard_alone(browser: Browser, member: Member) -> None:
    the_whole_road(browser, member)
    actions = [line.split()[0] for line in member.noted()]
    assert actions == ["sign-in", "page-sign-in", "end-session", "lock-key", "page-sign-out"]


def test_the_same_road_on_postgresql_and_with_scripts_switched_off(tmp_path: Path) -> None:
    fill_folders(tmp_path)
    with (
        postgresql() as url,
        portal_on_loopback(tmp_path, database=url, more_config=QUICK + PAGES) as portal,
        Browser(tmp_path / "portal.pem", scripts=False) as browser,
    ):
        the_whole_road(browser, member_of(portal))
        assert complaints_of(browser) == []
        assert portal.admin("audit", "verify")


def test_a_mistake_is_read_out_first_and_leads_to_its_field(browser: Browser, member: Member) -> None:
    browser.open(f"{member.portal.origin}/en/sign-in")
    browser.type(member.name)
    browser.press("Enter")
    browser.await_text("Something is still missing or not right.")
    assert browser.title.startswith("Please check: Sign in")
    assert browser.focused().text.startswith("Something is still missing"), "the summary has the focus"
    browser.press("Tab")
    browser.press("Enter")
    until(lambda: browser.focused().name == "password", 10, "the link to lead to the field")
    described = "const f = document.activeElement; return [f.getAttribute('aria-invalid'), " + (
        "document.getElementById(f.getAttribute('aria-describedby').split(' ').pop()).innerText]"
    )
    assert browser.evaluate(described) == ["true", "Please type your password."]
    assert browser.evaluate("return document.getElementById('username').value") == member.name
    (status,) = browser.console()
    assert "422" in status


def test_the_switch_of_language_stays_on_the_page(browser: Browser, member: Member) -> None:
    browser.open(f"{member.portal.origin}/")
    assert browser.path == "/de/", "as the browser asks"
    browser.open(f"{member.portal.origin}/de/keys")
    browser.await_path("/de/sign-in?for=keys")
    sign_in_by_keyboard(browser, member.name, member.key, "/de/keys")
    tab_to(browser, "English")
    browser.press("Enter")
    browser.await_path("/en/keys")
    assert browser.texts("h1") == ["My keys"]
    assert browser.evaluate("return document.documentElement.lang") == "en"


def test_the_skip_link_leads_past_the_navigation(browser: Browser, member: Member) -> None:
    browser.open(f"{member.portal.origin}/de/contact")
    browser.press("Tab")
    browser.press("Enter")
    browser.press("Tab")
    assert browser.focused().text.startswith("+49"), "the first link of the content"


def test_the_browser_keeps_the_cookies_to_itself(browser: Browser, member: Member) -> None:
    browser.open(f"{member.portal.origin}/de/sign-in")
    sign_in_by_keyboard(browser, member.name, member.key)
    cookies = browser.cookies()
    assert set(cookies) == {"__Host-flexnet", "__Host-flexnet-form"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
        assert "expiry" not in cookie, "it goes when the browser is closed"
    assert browser.evaluate("return document.cookie") == ""


def test_after_signing_out_going_back_shows_nothing(browser: Browser, member: Member) -> None:
    browser.open(f"{member.portal.origin}/de/keys")
    sign_in_by_keyboard(browser, member.name, member.key, "/de/keys")
    browser.click(".sign-out button")
    browser.await_text("Sie haben sich abgemeldet.")
    browser.back()
    browser.await_text("Sie brauchen Ihren Benutzernamen")
    assert "YubiKey" not in browser.texts("h2")
    assert "Meine Schlüssel" not in browser.text


def test_the_policy_holds_in_a_browser(browser: Browser, portal: PortalUnderTest) -> None:
    """What the policy is for, tried: a script and a style in the page do nothing."""
    browser.open(f"{portal.origin}/de/contact")
    inject = (
        "const s = document.createElement('script'); s.textContent = 'window.injected = 1'; document.body.append(s);"
        "const t = document.createElement('style'); t.textContent = 'h1 { display: none }'; document.head.append(t);"
        "const i = document.createElement('img'); i.src = 'https://127.0.0.1:1/x.png'; document.body.append(i);"
    )
    browser.evaluate(inject)
    assert browser.evaluate(
        "return [window.injected || 0, getComputedStyle(document.querySelector('h1')).display]"
    ) == [
        0,
        "block",
    ]
    refused = until(lambda: browser.console(), 10, "the browser to complain")
    assert all("Content Security Policy" in line for line in refused), refused
    assert len(refused) == 3


def test_the_handbook_is_shown_with_its_style_and_pictures(browser: Browser, member: Member) -> None:
    browser.open(f"{member.portal.origin}/de/handbook")
    sign_in_by_keyboard(browser, member.name, member.key, "/de/handbook")
    tab_to(browser, "Im Browser lesen")
    browser.press("Enter")
    browser.await_path("/handbook/de.html")
    assert browser.evaluate("return getComputedStyle(document.querySelector('main')).maxWidth") == "704px"
    widths = browser.evaluate("return Array.from(document.images, image => image.naturalWidth)")
    assert widths
    assert all(isinstance(width, int) and width > 100 for width in widths), widths


def test_another_site_can_neither_frame_the_pages_nor_send_their_forms(
    browser: Browser, member: Member, tmp_path: Path
) -> None:
    browser.open(f"{member.portal.origin}/de/keys")
    sign_in_by_keyboard(browser, member.name, member.key, "/de/keys")
    (key_id,) = [line.split("\t")[0] for line in member.portal.admin("key", "list", member.name)]
    address = f"{member.portal.origin}/de/keys/{key_id}/lock"
    hostile = tmp_path / "hostile.html"
    hostile.write_text(
        f'<iframe src="{address}"></iframe><form method="post" action="{address}"><button>x</button></form>'
    )
    browser.open(hostile.as_uri())
    assert any("frame-ancestors" in line or "X-Frame-Options" in line for line in until(browser.console, 10))
    browser.click("button")
    browser.await_path("/de/sign-in?for=keys")  # without the cookie, which is for our own pages alone
    assert Visitor(member.portal).sign_in(member.name, member.key.press()).status == 303, "the key is not locked"
    browser.console()

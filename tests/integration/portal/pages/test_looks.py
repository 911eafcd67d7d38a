"""Every page, in both languages, light and dark, on the narrowest and on a wide screen: nothing is cut off, and neither
axe-core nor the browser complains. The pictures are in build/screenshots/portal/, for somebody with eyes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed.browser.accessibility import complaints
from tests.bed.browser.browser import Browser
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient
from tests.integration.portal.pages.conftest import PAGES, QUICK, REPOSITORY, Member, fill_folders

PICTURES = REPOSITORY / "build/screenshots/portal"
SCREENS = {"wide": (1280, False), "narrow-dark": (320, True)}
STRANGERS = {
    "overview": "",
    "sign-in": "sign-in",
    "first-sign-in": "first-sign-in",
    "contact": "contact",
    "none": "none",
}
MEMBERS = {
    "home": "",
    "downloads": "downloads",
    "handbook": "handbook",
    "keys": "keys",
    "sessions": "sessions",
    "password": "password",
    "locked": "keys?done=locked",
}
# The status of an answer that is no success, which a browser tells on its console.
EXPECTED = {"none": "404", "sign-in-missing": "422", "sign-in-refused": "401"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    """With something to see on every page."""
    folder = tmp_path_factory.mktemp("looks")
    fill_folders(folder)
    with portal_on_loopback(folder, more_config=QUICK + PAGES) as made:
        made.stop()
        config = made.config_file.read_text()
        made.config_file.write_text(config.replace("factors = [", 'factors = ["emergency-code", '))
        made.start()
        maintenance = ("--affected", "KVSAonline", "--still-working", "E-Mail", "--still-working", "Abrechnung")
        texts = ("--text", "de=Wartung der Server in Magdeburg", "--text", "en=Maintenance of the servers in Magdeburg")
        made.admin("notice", "add", "--from", "2020-01-01", "--to", "2099-12-01T22:00+01:00", *maintenance, *texts)
        texts = (
            "--text",
            "de=Am Feiertag ist der IT-Service nicht besetzt",
            "--text",
            "en=No IT service on the holiday",
        )
        made.admin("notice", "add", "--from", "2098-12-24", "--to", "2099-12-27", *texts)
        yield made


@pytest.fixture(scope="module")
def weber(portal: PortalUnderTest) -> Member:
    """A physician with a YubiKey, a lost one, an emergency code, and two sessions of which one has ended."""
    member, touched = Member(portal, "dr.weber-hohenstein"), HmacKey()
    portal.add_user(member.name, PASSWORD)
    member.enrol(member.key, "23456789")
    member.enrol(touched, "23456789")
    lost = member.enrol(OtpKey(), "19283746")
    portal.admin("key", "lock", member.name, lost)
    portal.admin("key", "emergency-code", member.name)
    ended, _ = (PortalClient(portal, member.name).sign_in(touched.answer) for _ in range(2))
    portal.ask("DELETE", "/v1/session", token=ended.token.reveal())
    return member


@pytest.fixture(scope="module")
def browser(portal: PortalUnderTest) -> Iterator[Browser]:
    with Browser(portal.folder / "portal.pem") as opened:
        yield opened


def looked_at(browser: Browser, name: str, language: str) -> None:
    for screen, (width, dark) in SCREENS.items():
        browser.screen(width, dark=dark)
        browser.picture(PICTURES / f"{name}-{language}-{screen}.png")
        overflow = browser.evaluate(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{name} is cut off at {width}"
        assert complaints(browser) == [], f"{name}, {screen}"
    said = [line for line in browser.console() if EXPECTED.get(name, "\0") not in line]
    assert said == []


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", STRANGERS)
def test_a_strangers_page(browser: Browser, portal: PortalUnderTest, name: str, language: str) -> None:
    browser.devtools("Network.clearBrowserCookies")
    browser.open(f"{portal.origin}/{language}/{STRANGERS[name]}")
    looked_at(browser, name, language)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_sign_in_with_mistakes(browser: Browser, portal: PortalUnderTest, language: str) -> None:
    browser.devtools("Network.clearBrowserCookies")
    browser.open(f"{portal.origin}/{language}/sign-in")
    browser.type("weber")
    browser.press("Enter")
    browser.await_path(f"/{language}/sign-in")
    assert len(browser.texts(".error")) == 2
    looked_at(browser, "sign-in-missing", language)
    browser.click("#password")
    browser.type("wrong password")
    browser.press("Tab")
    browser.type(OtpKey().press())
    browser.press("Enter")
    browser.await_text("FN-201")
    looked_at(browser, "sign-in-refused", language)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_members_pages(browser: Browser, portal: PortalUnderTest, weber: Member, language: str) -> None:
    browser.devtools("Network.clearBrowserCookies")
    for name, value in weber.visitor().cookies.items():
        browser.open(f"{portal.origin}/{language}/contact")
        browser.add_cookie(
            {"name": name, "value": value, "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}
        )
    for name, path in MEMBERS.items():
        browser.open(f"{portal.origin}/{language}/{path}")
        assert weber.name in browser.text, path
        looked_at(browser, name, language)
    (key_id, *_) = [line.split("\t")[0] for line in portal.admin("key", "list", weber.name) if "23456789" in line]
    browser.open(f"{portal.origin}/{language}/keys/{key_id}/lock")
    assert "YubiKey 23456789" in browser.text
    looked_at(browser, "lock", language)


def test_there_is_a_picture_of_every_page() -> None:
    templates = {file.stem for file in Path(REPOSITORY / "flexnetd/portal/pages/templates").glob("*.html")}
    shown = {*STRANGERS, *MEMBERS, "lock", "trouble"} - {"none", "home", "locked"}
    assert templates - {"frame", "form_frame", "parts"} == shown

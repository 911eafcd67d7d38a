"""Somebody at the portal's pages without a browser: keeps cookies, reads forms, sends them. For tests of the server's
side, which must hold whatever a browser would have prevented.

    visitor = Visitor(portal)
    visitor.sign_in("weber", PASSWORD, key.press())
    page = visitor.get("/de/keys")
    visitor.send("/de/keys/ID/lock", {"token": page.token})
"""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tests.bed.portal_on_loopback import PASSWORD, PortalUnderTest

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Page:
    """`headers` have names in small letters; `set_cookies` are the lines as sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    set_cookies: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def token(self) -> str:
        """That of the page's forms."""
        found = re.search(r'name="token" value="([0-9a-f]+)"', self.text)
        assert found, "no form on this page"
        return found[1]

    @property
    def codes(self) -> set[str]:
        """FN-nnn as a person reads them, without the example of the contact page."""
        return set(re.findall(r'class="whole">(FN-\d{3})', self.text))

    @property
    def errors(self) -> set[str]:
        """The fields that an error stands by."""
        return set(re.findall(r'id="(\w+)-error"', self.text))


@dataclass
class Visitor:
    portal: PortalUnderTest
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Page:
        return self.ask("GET", path, None, headers or {})

    def send(self, path: str, fields: dict[str, str], headers: dict[str, str] | None = None) -> Page:
        """A form, as it is given."""
        told = {"Content-Type": FORM, "Origin": self.portal.origin, "Sec-Fetch-Site": "same-origin", **(headers or {})}
        return self.ask("POST", path, urlencode(fields).encode(), {name: text for name, text in told.items() if text})

    def fill_in(self, path: str, fields: dict[str, str]) -> Page:
        """The form of this page, with its token."""
        return self.send(path, {"token": self.get(path).token, **fields})

    def sign_in(self, username: str, code: str, password: str = PASSWORD) -> Page:
        return self.fill_in("/en/sign-in", {"username": username, "password": password, "code": code, "for": ""})

    @property
    def signed_in(self) -> bool:
        return self.get("/en/keys").status == 200

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Page:
        context = ssl.create_default_context(cafile=str(self.portal.ca_file))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.portal.port, timeout=30, context=context, source_address=(self.source, 0)
        )
        if self.cookies:
            headers = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            lines = tuple(value for name, value in answer.getheaders() if name.lower() == "set-cookie")
            page = Page(
                answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read(), lines
            )
        finally:
            connection.close()
        self._keep(page.set_cookies)
        return page

    def _keep(self, lines: tuple[str, ...]) -> None:
        for line in lines:
            for name, cookie in SimpleCookie(line).items():
                if cookie["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = cookie.value

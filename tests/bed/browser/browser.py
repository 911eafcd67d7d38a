"""Debian's Chromium, driven by its chromedriver over plain WebDriver (W3C), for tests of pages.

    with Browser(certificate=portal.folder / "portal.pem", language="de") as browser:
        browser.open(f"{portal.origin}/de/")
        browser.press("Tab")                    # a key goes to whatever has the focus, as a person's does
        browser.type("weber")
        browser.await_path("/de/keys")
        browser.console()                       # what the browser complained about since it was last asked

It trusts the one certificate that it is given, knows no names, and asks nobody but the machine that it runs on.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.bed.await_ import until

KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " ", "Shift": "\ue008", "Escape": "\ue00c"}
START_WITHIN_S = 60
PAGE_WITHIN_S = 30

_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class DriverSaid(AssertionError):  # noqa: N818 - reads as what happened
    """The driver answered with an error, for example that there is no such element."""


@dataclass(frozen=True, slots=True)
class Focused:
    """What has the focus: its tag, its `name` or `id`, the text on it or its label."""

    tag: str
    name: str
    text: str


class Browser:
    def __init__(self, certificate: Path, language: str = "de", scripts: bool = True) -> None:
        self._certificate = certificate
        self._language = language
        self._scripts = scripts
        self._stack = contextlib.ExitStack()
        self._port = 0
        self._session = ""
        self._element_key = ""

    def __enter__(self) -> Browser:
        with contextlib.ExitStack() as stack:
            # Chromium's last writes may come after it was told to go.
            folder = tempfile.TemporaryDirectory(prefix="flexnet-browser-", ignore_cleanup_errors=True)
            home = stack.enter_context(folder)
            self._port = stack.enter_context(_chromedriver(home))
            self._session = self._begin(home)
            stack.callback(self._ask, "DELETE", "")
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # where it is

    def open(self, address: str) -> None:
        """Returns when the page is complete."""
        self._ask("POST", "/url", {"url": address})

    def back(self) -> None:
        self._ask("POST", "/back", {})

    @property
    def address(self) -> str:
        return str(self._ask("GET", "/url"))

    @property
    def path(self) -> str:
        """With the query."""
        parts = urlsplit(self.address)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def title(self) -> str:
        return str(self._ask("GET", "/title"))

    def await_path(self, path: str) -> None:
        until(lambda: self.path == path and self.complete, PAGE_WITHIN_S, f"the page {path}, not {self.path}")

    def await_text(self, text: str) -> None:
        until(lambda: self.complete and text in self.text, PAGE_WITHIN_S, f"{text!r} on the page")

    @property
    def complete(self) -> bool:
        return bool(self.evaluate("return document.readyState === 'complete'"))

    # what it shows

    @property
    def text(self) -> str:
        """What a person can read on the page."""
        return str(self.evaluate("return document.body.innerText"))

    def texts(self, css: str) -> list[str]:
        return [str(text) for text in self.evaluate("return Array.from(document.querySelectorAll(arguments[0]), "
                                                    "one => one.innerText.trim())", css)]  # fmt: skip

    def evaluate(self, script: str, *arguments: object) -> Any:
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def evaluate_later(self, script: str, *arguments: object) -> Any:
        """A script that calls its last argument with the answer."""
        return self._ask("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def picture(self, file: Path) -> None:
        """The whole page, not only what fits on the screen."""
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        told = self.devtools("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(told["data"]))

    def console(self) -> list[str]:
        """What was logged since it was last asked: violations of a page's policy, and what did not load."""
        return [str(entry["message"]) for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def cookies(self) -> dict[str, dict[str, Any]]:
        """By name, with their attributes."""
        return {cookie["name"]: cookie for cookie in self._ask("GET", "/cookie")}

    def add_cookie(self, cookie: dict[str, Any]) -> None:
        self._ask("POST", "/cookie", {"cookie": cookie})

    # what a person does

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        """A key of `KEYS`, to whatever has the focus."""
        one = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")] * times
        held = [{"type": "keyDown", "value": KEYS["Shift"]}, *one, {"type": "keyUp", "value": KEYS["Shift"]}]
        self._act(held if shift else one)

    def type(self, text: str) -> None:
        self._act([{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")])

    def focused(self) -> Focused:
        told = self.evaluate(
            "const e = document.activeElement; return [e.tagName.toLowerCase(), e.name || e.id || '', "
            "(e.innerText || (e.labels && e.labels[0] ? e.labels[0].innerText : '') || '').trim()]"
        )
        return Focused(*told)

    def click(self, css: str) -> None:
        (self._element_key, element), *_ = self._ask(
            "POST", "/element", {"using": "css selector", "value": css}
        ).items()
        self._ask("POST", f"/element/{element}/click", {})

    # how it looks

    def screen(self, width: int, height: int = 900, dark: bool = False) -> None:
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        self.devtools("Emulation.setScrollbarsHidden", hidden=True)
        scheme = "dark" if dark else "light"
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def devtools(self, command: str, **parameters: object) -> Any:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def _act(self, actions: list[dict[str, str]]) -> None:
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def _begin(self, home: str) -> str:
        pin = f"--ignore-certificate-errors-spki-list={_pin(self._certificate)}"
        preferences: dict[str, object] = {"intl.accept_languages": self._language}
        if not self._scripts:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options = {"args": [*_QUIET, pin, f"--user-data-dir={home}/profile"], "prefs": preferences}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        told = _call(self._port, "POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        return str(told["sessionId"])

    def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        return _call(self._port, method, f"/session/{self._session}{path}", body)


def _call(port: int, method: str, path: str, body: dict[str, object] | None = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_WITHIN_S)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        told = json.loads(connection.getresponse().read())["value"]
    finally:
        connection.close()
    if isinstance(told, dict) and "error" in told:
        raise DriverSaid(f"{told['error']}: {str(told['message']).splitlines()[0]}")
    return told


@contextlib.contextmanager
def _chromedriver(home: str) -> Iterator[int]:
    """The port on which it listens."""
    log = Path(home) / "driver.log"
    environment = {"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": home}
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=home
        )
    try:
        said = re.compile(r"started successfully on port (\d+)")
        found = until(lambda: said.search(log.read_text()), START_WITHIN_S, "chromedriver to listen")
        yield int(found[1])
    finally:
        process.terminate()
        process.wait(20)


def _pin(certificate: Path) -> str:
    """The hash of the certificate's key, as Chromium's option names a certificate to trust."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()

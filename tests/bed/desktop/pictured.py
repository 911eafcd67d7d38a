"""The states of the window that are pictured, as data: what the scripted service tells, what the person does, and the
text (English, as it stands in the code) that shows when it has come to that.

The operator is the example profile's, so that the pictures name nobody.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bed.await_ import until
from tests.bed.desktop.desktop import Desktop

ME, SOMEBODY = os.getuid(), 70002
HOUR_S = 3600

OPERATOR: Mapping[str, Any] = {
    "names": {"kvsa": {"de": "Beispielvereinigung", "en": "Example Association"}},
    "contact": {
        "de": {
            "name": "IT-Service der Beispielvereinigung",
            "telephone": "030 23125 000",
            "email": "it-service@example.org",
            "hours": "Mo–Fr 8–18 Uhr",
        },
        "en": {
            "name": "IT service of the Example Association",
            "telephone": "+49 30 23125 000",
            "email": "it-service@example.org",
            "hours": "Mon–Fri 8 am to 6 pm",
        },
    },
}
A_CODE = "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"

Do = Callable[[Desktop], None]


@dataclass(frozen=True)
class Pictured:
    """`shows` stands on the screen after `do`, `first` before it. No script: no service."""

    name: str
    shows: str
    script: Mapping[str, Any] | None = field(default_factory=dict)
    do: Do = lambda _: None
    first: str = ""
    kept: bool = False
    """Whether it is one of docs/pictures."""
    tray: bool = True
    """Whether the desktop shows icons."""


def press_the_main_button(desktop: Desktop) -> None:
    desktop.press("Return")


def sign_in_as(*answers: str) -> Do:
    """Types into a form, entry by entry, each ended by Enter; an empty one is left as it is."""

    def do(desktop: Desktop) -> None:
        desktop.press("Return")
        for answer in answers:
            await_empty_entry(desktop)
            desktop.write(answer)
            desktop.press("Return")

    return do


def await_empty_entry(desktop: Desktop) -> None:
    def is_there() -> bool:
        widget = desktop.focused()
        return widget is not None and widget.role in {"text", "password text"} and not widget.text

    until(is_there, what="an empty entry with the focus")


def unfold_the_details(desktop: Desktop) -> None:
    """They stand before the buttons."""
    desktop.press("shift+Tab", "Return")


def look_for_the_cause(desktop: Desktop) -> None:
    """The last button."""
    desktop.press("Tab", "Return")


def pictured() -> list[Pictured]:
    return [*_signed_out(), *_signing_in(), *_failures(), *_connected(), *_notices(), *_nothing_to_do()]


def _asking(*kinds: str) -> dict[str, Any]:
    return {"login": [["ask", list(kinds)], ["hold"]]}


def _working(stage: str) -> dict[str, Any]:
    return {"login": [["stage", stage], ["hold"]]}


def _ended(code: str, facts: Mapping[str, Any], **script: Any) -> dict[str, Any]:
    return {"login": [["finish", code, facts]], **script}


def _online(**script: Any) -> dict[str, Any]:
    return {"state": "online", "owner_uid": ME, "ends_in_s": 2 * HOUR_S, **script}


def _signed_out() -> list[Pictured]:
    two = {"profiles": ["kvsa", "lab"], "names": {**OPERATOR["names"], "lab": {"de": "Labornetz", "en": "Lab network"}}}
    return [
        Pictured("signed-out", "Not signed in", kept=True),
        Pictured("two-profiles", "Not signed in", two),
        Pictured("session-ended", "Your session has ended.", {"reason": ["FN-215", {}]}),
    ]


def _signing_in() -> list[Pictured]:
    form = press_the_main_button
    expired = {"reason": ["FN-203", {}], **_asking("new-password")}
    weak = {"reason": ["FN-217", {"minimum_length": 12}], **_asking("new-password")}
    return [
        Pictured("sign-in", "User name", _asking("username", "password"), form, kept=True),
        Pictured("sign-in-typed-code", "Press the button of the YubiKey", _asking("username", "password", "otp"), form),
        Pictured("first-sign-in", "Your first sign-in", _asking("activation", "new-password"), form, kept=True),
        Pictured("password-expired", "Choose a new password", expired, form, "Your password has expired."),
        Pictured("password-too-weak", "Choose a new password", weak, form, "The new password is too easy to guess."),
        Pictured("pin", "PIN of the security key", _asking("pin"), form),
        Pictured(
            "code-in-the-password",
            "That was the code of the YubiKey. Please type your password here.",
            _asking("password"),
            sign_in_as(A_CODE),
        ),
        Pictured("contacting", "Contacting the portal", _working("contacting"), form),
        Pictured("touch", "Please touch the button of the YubiKey now", _working("touch"), form, kept=True),
        Pictured("connecting", "Connecting", _working("connecting"), form),
    ]


def _failures() -> list[Pictured]:
    form = press_the_main_button
    fix = [["firewall", "fail", "firewall-off", {}], ["virus-scanner", "unknown", "no-scanner", {}]]
    hotel = {"url": "http://wifi.hotel.example/login"}
    no = "Signing in did not work"
    return [
        Pictured("key-absent", no, _ended("FN-301", {}), form, kept=True),
        Pictured("credentials-refused", no, _ended("FN-201", {}), form),
        Pictured("portal-unreachable", no, _ended("FN-101", {"host": "portal.example.org"}), form),
        Pictured("portal-certificate", no, _ended("FN-103", {"host": "portal.example.org", "reason": "expired"}), form),
        Pictured("captive-portal", no, _ended("FN-109", hotel), form),
        Pictured("duty-required", no, _ended("FN-206", {"check": "firewall"}, posture=fix[:1]), form, kept=True),
        Pictured("duties", "Connected until {time}", _online(posture=fix)),
        Pictured(
            "renewal-failed", "Extending did not work", _online(**_ended("FN-305", {"seconds": 15})), form,
            "Connected until {time}",
        ),
    ]  # fmt: skip


def _connected() -> list[Pictured]:
    until_text = "Connected until {time}"
    return [
        Pictured("online", until_text, _online(), kept=True),
        Pictured("online-no-tray", until_text, _online(), tray=False),
        Pictured("details", "Signed in as", _online(), unfold_the_details, until_text),
        Pictured("ending", "The session ends at {time}", _online(ends_in_s=590)),
        Pictured("renewing", "Please touch the button of the YubiKey now", _online(**_working("touch")),
                 press_the_main_button, until_text),
        Pictured("renewed", "Extended until {time}", _online(login=[["finish", "", {}]]),
                 press_the_main_button, until_text),
        Pictured("reconnecting", "The connection is being restored", _online(state="reconnecting")),
        Pictured("waiting", "Waiting; goes on by itself", _online(state="waiting", reason=["FN-108", {}])),
        Pictured("conflict", "Not connected: another network is in the way",
                 _online(state="conflict", reason=["FN-502", {"ours": "10.9.0.0/16", "theirs": "10.9.0.0/24"}])),
        Pictured("other-account", "Somebody else is signed in on this computer",
                 {"state": "online", "owner_uid": SOMEBODY}),
    ]  # fmt: skip


def _notices() -> list[Pictured]:
    now = int(time.time())
    words = {"de": "Wir erneuern die Server des Portals.", "en": "We renew the portal’s servers."}
    what = [["KVSAonline"], ["KIM", "TI"], words]
    ahead = ["m1", "maintenance", now + 3 * 24 * HOUR_S, now + 3 * 24 * HOUR_S + 7200, *what]
    under_way = ["m1", "maintenance", now - 600, now + 3000, *what]
    message = {
        "de": "Das neue Handbuch steht auf der Mitgliederseite.",
        "en": "The new handbook is on the members’ page.",
    }
    news = ["n1", "message", now, now + HOUR_S, [], [], message]
    return [
        Pictured("maintenance-ahead", "Not signed in", {"notices": [ahead, news]}),
        Pictured("maintenance", "Maintenance until {time}", {"notices": [under_way]}, kept=True),
        Pictured("maintenance-refused", "Signing in did not work",
                 _ended("FN-114", {"ends_at": now + 3000}, notices=[under_way]), press_the_main_button),
        Pictured("maintenance-online", "Connected until {time}", _online(notices=[ahead])),
    ]  # fmt: skip


def _nothing_to_do() -> list[Pictured]:
    absent = "The FlexNet service of this computer is not running."
    return [
        Pictured("no-profile", "This computer has no access yet", {"profiles": []}),
        Pictured("no-service", absent, None, kept=True),
        Pictured("cause", "Something is not in order", None, look_for_the_cause, absent),
        Pictured("part-missing", "Not signed in", {"health": [["FN-610", {}]]}),
    ]

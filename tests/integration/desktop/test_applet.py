"""The applet on a session bus: in Debian's Xfce panel, before a strict watcher, and with a notification server."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import dbus
import pytest

from tests.bed.await_ import until
from tests.bed.desktop.panel import choose_third, start_panel
from tests.integration.desktop.conftest import ME, Scene

ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
SIGN_IN = [["ask", ["username"]], ["hold"]]


class AppletSeen:
    """The applet as a tray host sees it."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.process = scene.desktop.start("applet", [sys.executable, "-W", "error", "-m", "flexnetd.applet.main"])
        self.bus = dbus.bus.BusConnection(scene.desktop.bus_address)
        self.name = f"{ITEM}-{self.process.pid}-1"
        until(lambda: self.bus.name_has_owner(self.name), what="the item on the bus")

    def item(self, name: str) -> Any:
        proxy = self.bus.get_object(self.name, "/StatusNotifierItem", introspect=False)
        return proxy.Get(ITEM, name, dbus_interface="org.freedesktop.DBus.Properties")

    def menu(self) -> list[dict[str, Any]]:
        """The entries with their ids."""
        _, (_, _, children) = self._menu().GetLayout(0, -1, [], dbus_interface=MENU, signature="iias")
        return [{"id": int(number), **{str(k): v for k, v in told.items()}} for number, told, _ in children]

    def labels(self) -> list[str]:
        return [str(entry["label"]) for entry in self.menu() if "label" in entry]

    def choose(self, label: str) -> None:
        (number,) = [entry["id"] for entry in self.menu() if entry.get("label") == label]
        self._menu().Event(number, "clicked", dbus.Int32(0), 0, dbus_interface=MENU, signature="isvu")

    def _menu(self) -> Any:
        return self.bus.get_object(self.name, str(self.item("Menu")), introspect=False)

    def await_state(self, words: str) -> None:
        until(lambda: words in str(self.item("Title")), what=words)


@pytest.fixture
def applet(scene: Scene) -> Iterator[AppletSeen]:
    seen = AppletSeen(scene)
    yield seen
    seen.bus.close()
    assert seen.process.poll() is None, scene.desktop.log("applet")
    assert scene.desktop.log("applet") == ""


def test_debians_xfce_panel_shows_it_and_its_menu_signs_out(scene: Scene, applet: AppletSeen) -> None:
    """The panel's plugin has no accessible tree; what its menu does is seen at the service."""
    service = scene.serve(state="online", owner_uid=ME)
    start_panel(scene.desktop, scene.home)
    applet.await_state("Verbunden bis ")
    choose_third(scene.desktop, until_true=lambda: {"method": "Disconnect", "uid": ME} in service.told)
    applet.await_state("Nicht angemeldet")


def test_a_strict_watcher_finds_every_property_typed_as_specified(scene: Scene, applet: AppletSeen) -> None:
    watcher = scene.session_service("watcher")
    (told,) = until(lambda: watcher.heard, what="the registration")
    assert told["registered"] == applet.name
    assert told["wrong"] == []


def test_it_registers_again_with_every_new_watcher(scene: Scene, applet: AppletSeen) -> None:
    first = scene.session_service("watcher")
    until(lambda: first.heard)
    first.close()
    second = scene.session_service("watcher")
    until(lambda: [told["registered"] for told in second.heard] == [applet.name, applet.name])


def test_signing_in_opens_the_window_which_begins_at_once(scene: Scene, applet: AppletSeen) -> None:
    service = scene.serve(login=SIGN_IN)
    applet.await_state("Nicht angemeldet")
    assert str(applet.item("IconName")) == "flexnet-off-symbolic"
    applet.choose("Anmelden…")
    scene.desktop.await_focus("Benutzername")
    assert [told["method"] for told in service.told if "method" in told] == ["SignIn"]


def test_extending_opens_the_window_which_begins_at_once(scene: Scene, applet: AppletSeen) -> None:
    service = scene.serve(state="online", owner_uid=ME, login=[["stage", "touch"], ["hold"]])
    applet.await_state("Verbunden bis ")
    applet.choose("Verlängern")
    scene.desktop.await_text("Jetzt die Taste am YubiKey berühren")
    assert [told["method"] for told in service.told if "method" in told] == ["Renew"]


def test_signing_out_needs_no_window(scene: Scene, applet: AppletSeen) -> None:
    service = scene.serve(state="online", owner_uid=ME)
    applet.await_state("Verbunden bis ")
    applet.choose("Abmelden")
    applet.await_state("Nicht angemeldet")
    assert {"method": "Disconnect", "uid": ME} in service.told
    assert not applet.bus.name_has_owner("org.flexnetd.FlexNet.Window")


def test_a_click_opens_the_window(scene: Scene, applet: AppletSeen) -> None:
    scene.serve()
    applet.await_state("Nicht angemeldet")
    item = applet.bus.get_object(applet.name, "/StatusNotifierItem", introspect=False)
    item.Activate(0, 0, dbus_interface=ITEM, signature="ii")
    scene.desktop.await_text("Melden Sie sich an")


def test_the_menu_tells_the_notices_and_whom_to_call(scene: Scene, applet: AppletSeen) -> None:
    now = int(time.time())
    scene.serve(notices=[["n1", "message", now, now + 60, [], [], {"de": "Neues_Handbuch"}]])
    applet.await_state("Nicht angemeldet")
    labels = applet.labels()
    assert "Hinweis: Neues__Handbuch" in labels  # an underscore would underline the letter after it
    assert labels[-3:] == ["Hilfe: IT-Service", "Telefon 0391 627-7000 (Mo–Fr 8–16 Uhr)", "E-Mail it@kvsa.example"]
    assert all(entry["enabled"] for entry in applet.menu() if "label" in entry)


def test_it_is_there_before_the_service_and_after_it(scene: Scene, applet: AppletSeen) -> None:
    applet.await_state("FN-607")
    assert str(applet.item("IconName")) == "flexnet-problem-symbolic"
    service = scene.serve()
    applet.await_state("Nicht angemeldet")
    service.close()
    applet.await_state("FN-607")
    scene.serve(state="online", owner_uid=ME)
    applet.await_state("Verbunden bis ")


def test_a_second_applet_gives_way(scene: Scene, applet: AppletSeen) -> None:
    assert scene.desktop.start("second", [sys.executable, "-m", "flexnetd.applet.main"]).wait(10) == 0


def test_about_to_end_is_notified_and_the_button_extends(scene: Scene, applet: AppletSeen) -> None:
    server = scene.session_service("notifications")
    service = scene.serve(state="online", owner_uid=ME, ends_in_s=290, login=[["stage", "touch"], ["hold"]])
    (told,) = until(lambda: server.heard, what="the notification")
    assert told["summary"] == "Die Sitzung endet bald"
    assert told["actions"][2:] == ["renew", "Verlängern"]
    assert "muster" not in told["summary"] + told["body"]
    until(lambda: str(applet.item("Status")) == "NeedsAttention")
    server.say(f"invoke {told['id']} renew")
    scene.desktop.await_text("Jetzt die Taste am YubiKey berühren")
    assert [told["method"] for told in service.told if "method" in told] == ["Renew"]


def test_the_notification_comes_by_the_clock_and_goes_with_the_session(scene: Scene, applet: AppletSeen) -> None:
    server = scene.session_service("notifications")
    service = scene.serve(state="online", owner_uid=ME, ends_in_s=5 * 60 + 3)
    soon, withdrawn, last = until(lambda: server.heard if len(server.heard) == 3 else None, what="both notifications")
    assert soon["summary"].startswith("Die Sitzung endet um ")
    assert withdrawn == {"closed": soon["id"]}
    assert last["summary"] == "Die Sitzung endet bald"
    service.say("state reconnecting")
    until(lambda: {"closed": last["id"]} in server.heard, what="the withdrawal")


def test_a_quarter_of_an_hour_before_the_end_it_is_said_once(scene: Scene, applet: AppletSeen) -> None:
    server = scene.session_service("notifications")
    scene.serve(state="online", owner_uid=ME, ends_in_s=15 * 60 + 3)
    applet.await_state("Verbunden bis ")
    assert server.heard == []
    (told,) = until(lambda: server.heard, what="the notification")
    assert told["summary"].startswith("Die Sitzung endet um ")


def test_the_end_of_a_maintenance_is_notified(scene: Scene, applet: AppletSeen) -> None:
    server = scene.session_service("notifications")
    now = int(time.time())
    scene.serve(notices=[["m1", "maintenance", now - 60, now + 4, [], [], {"de": "Neue Server."}]])
    applet.await_state("Nicht angemeldet")
    (told,) = until(lambda: server.heard, what="the notification")
    assert told["summary"] == "Die Wartung ist beendet"
    assert told["actions"][2:] == ["sign-in", "Anmelden…"]


def test_a_session_that_ended_by_itself_is_notified(scene: Scene, applet: AppletSeen) -> None:
    server = scene.session_service("notifications")
    service = scene.serve(state="online", owner_uid=ME)
    applet.await_state("Verbunden bis ")
    service.say("state signed-out FN-215")
    (told,) = until(lambda: server.heard, what="the notification")
    assert told["summary"] == "Die Sitzung ist beendet"


def test_a_maintenance_is_notified_half_an_hour_before(scene: Scene, applet: AppletSeen) -> None:
    server = scene.session_service("notifications")
    start = int(time.time()) + 1800 - 60
    scene.serve(notices=[["m1", "maintenance", start, start + 3600, ["Portal"], ["KIM"], {"de": "Neue Server."}]])
    (told,) = until(lambda: server.heard, what="the notification")
    assert told["summary"] == "Bald beginnt eine Wartung"
    assert "KIM" in told["body"]


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("notifications", "Labor &amp; &lt;a href='https://evil.example'&gt;KIM&lt;/a&gt;"),
        ("plain-notifications", "Labor & <a href='https://evil.example'>KIM</a>"),
    ],
)
def test_the_operators_text_is_never_markup(scene: Scene, applet: AppletSeen, kind: str, shown: str) -> None:
    server = scene.session_service(kind)
    start = int(time.time()) + 1800 - 60
    text = "Labor & <a href='https://evil.example'>KIM</a>"
    scene.serve(notices=[["m1", "maintenance", start, start + 3600, [], [], {"de": text}]])
    (told,) = until(lambda: server.heard, what="the notification")
    assert told["body"].splitlines()[1] == shown


def test_without_a_session_bus_it_says_so(scene: Scene) -> None:
    process = scene.desktop.start(
        "lost", [sys.executable, "-m", "flexnetd.applet.main"], DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent"
    )
    assert process.wait(10) == 1
    assert "Sitzungsbus" in scene.desktop.log("lost")

"""org.kde.StatusNotifierItem: the icon, its words and its menu's place.

https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/ . The pixmaps are empty, and typed: hosts take the
icon by its name, and a wrongly typed pixmap makes some of them drop the whole item. When the watcher changes its owner
(a desktop shell that restarts), the item registers again.
"""

# mypy: disable-error-code="misc"
# dbus-python's decorators and classes are untyped.
# ruff: noqa: N802 - D-Bus members are CamelCase
from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import dbus
import dbus.service

from flexnetd.applet.menu import PATH as MENU_PATH
from flexnetd.applet.model import Icon, Shown, Urgency
from flexnetd.applet.session_bus import Exported, SessionBus

ITEM = "org.kde.StatusNotifierItem"
PATH = "/StatusNotifierItem"
WATCHER = ("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")


class Tray(Exported):
    interface = ITEM

    def __init__(self, bus: SessionBus, first: Shown, activated: Callable[[], None]) -> None:
        """`activated` when the icon is clicked."""
        super().__init__(bus, PATH)
        self._bus, self._shown, self._activated = bus, first, activated
        self._name = f"{ITEM}-{os.getpid()}-1"
        bus.own(self._name)
        bus.watch_owner(WATCHER[0], self._watcher_changed)

    def show(self, shown: Shown) -> None:
        before, self._shown = self._shown, shown
        if shown.icon is not before.icon:
            self.tell("NewIcon")
            self.tell("NewAttentionIcon")
        if shown.urgency is not before.urgency:
            self.tell("NewStatus", "s", shown.urgency.value)
        if shown.state != before.state:
            self.tell("NewTitle")
            self.tell("NewToolTip")

    def read(self) -> Mapping[str, Any]:
        shown = self._shown
        none = dbus.Array([], signature="(iiay)")
        needs_attention = shown.urgency is Urgency.NEEDS_ATTENTION
        return {
            "Category": "SystemServices",
            "Id": "flexnet",
            "Title": f"{shown.title}: {shown.state}",
            "Status": shown.urgency.value,
            "WindowId": dbus.Int32(0),
            "IconName": shown.icon.value,
            "IconThemePath": _icon_folder(),
            "IconPixmap": none,
            "IconAccessibleDesc": f"{shown.title}: {shown.state}",
            "OverlayIconName": "",
            "OverlayIconPixmap": none,
            "AttentionIconName": shown.icon.value if needs_attention else "",
            "AttentionIconPixmap": none,
            "AttentionMovieName": "",
            "AttentionAccessibleDesc": f"{shown.title}: {shown.state}" if needs_attention else "",
            "ToolTip": dbus.Struct((shown.icon.value, none, shown.title, shown.state), signature="sa(iiay)ss"),
            "ItemIsMenu": dbus.Boolean(False),
            "Menu": dbus.ObjectPath(MENU_PATH),
        }

    def _watcher_changed(self, present: bool) -> None:
        if present:
            self._bus.call(WATCHER, "RegisterStatusNotifierItem", "s", (self._name,))

    @dbus.service.method(ITEM, in_signature="ii")
    def Activate(self, _x: int, _y: int) -> None:
        self._activated()

    @dbus.service.method(ITEM, in_signature="ii")
    def SecondaryActivate(self, _x: int, _y: int) -> None:
        self._activated()

    @dbus.service.method(ITEM, in_signature="ii")
    def ContextMenu(self, _x: int, _y: int) -> None:
        """The host shows the menu itself."""

    @dbus.service.method(ITEM, in_signature="is")
    def Scroll(self, _delta: int, _orientation: str) -> None:
        """Nothing to scroll."""


def _icon_folder() -> str:
    """Where the icons lie in a checkout; "" when they are installed, where every host looks by itself."""
    folder = Path(__file__).parents[2] / "packaging/desktop/icons"
    file = folder / f"hicolor/symbolic/apps/{Icon.OFF.value}.svg"
    return str(folder) if file.is_file() else ""

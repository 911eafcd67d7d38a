"""com.canonical.dbusmenu: the menu beside the icon, one flat list of entries.

https://github.com/gnustep/libs-dbuskit/blob/master/Bundles/DBusMenu/com.canonical.dbusmenu.xml is the interface as
every host uses it. An entry's id is its place in the list plus one; every change tells a new layout.
"""

# mypy: disable-error-code="misc"
# dbus-python's decorators and classes are untyped.
# ruff: noqa: N802 - D-Bus members are CamelCase
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dbus
import dbus.service

from flexnetd.applet.model import Entry
from flexnetd.applet.session_bus import Exported, SessionBus

MENU = "com.canonical.dbusmenu"
PATH = "/MenuBar"


class Menu(Exported):
    interface = MENU

    def __init__(self, bus: SessionBus, entries: tuple[Entry, ...], chosen: Callable[[Entry], None]) -> None:
        super().__init__(bus, PATH)
        self._entries, self._chosen = entries, chosen
        self._revision = 1

    def show(self, entries: tuple[Entry, ...]) -> None:
        if entries == self._entries:
            return
        self._entries = entries
        self._revision += 1
        self.tell("LayoutUpdated", "ui", self._revision, 0)

    def read(self) -> Mapping[str, Any]:
        return {
            "Version": dbus.UInt32(3),
            "Status": "normal",
            "TextDirection": "ltr",
            "IconThemePath": dbus.Array([], signature="s"),
        }

    @dbus.service.method(MENU, in_signature="iias", out_signature="u(ia{sv}av)")
    def GetLayout(self, parent: int, depth: int, _names: Sequence[str]) -> Any:
        if parent:
            return dbus.UInt32(self._revision), self._node(parent, ())
        children = range(1, len(self._entries) + 1) if depth else ()
        return dbus.UInt32(self._revision), self._node(0, [self._node(number, ()) for number in children])

    @dbus.service.method(MENU, in_signature="aias", out_signature="a(ia{sv})")
    def GetGroupProperties(self, ids: Sequence[int], _names: Sequence[str]) -> Any:
        wanted = [int(number) for number in ids] or range(len(self._entries) + 1)
        known = [(dbus.Int32(n), self._properties(n)) for n in wanted if 0 <= n <= len(self._entries)]
        return dbus.Array(known, signature="(ia{sv})")

    @dbus.service.method(MENU, in_signature="is", out_signature="v")
    def GetProperty(self, number: int, name: str) -> Any:
        return self._properties(self._checked(number)).get(name, "")

    @dbus.service.method(MENU, in_signature="isvu")
    def Event(self, number: int, event: str, _data: Any, _timestamp: int) -> None:
        number = self._checked(number)
        if event == "clicked" and number and self._entries[number - 1].act is not None:
            self._chosen(self._entries[number - 1])

    @dbus.service.method(MENU, in_signature="a(isvu)", out_signature="ai")
    def EventGroup(self, events: Sequence[tuple[int, str, Any, int]]) -> Any:
        unknown = [number for number, *_ in events if not 0 <= number <= len(self._entries)]
        for number, event, data, timestamp in events:
            if number not in unknown:
                self.Event(number, event, data, timestamp)
        return dbus.Array(unknown, signature="i")

    @dbus.service.method(MENU, in_signature="i", out_signature="b")
    def AboutToShow(self, _number: int) -> bool:
        """The layout is always the current one."""
        return False

    @dbus.service.method(MENU, in_signature="ai", out_signature="aiai")
    def AboutToShowGroup(self, _numbers: Sequence[int]) -> Any:
        return dbus.Array([], signature="i"), dbus.Array([], signature="i")

    def _node(self, number: int, children: Sequence[Any]) -> Any:
        wrapped = [dbus.Struct(child, signature="ia{sv}av", variant_level=1) for child in children]
        return dbus.Int32(number), self._properties(self._checked(number)), dbus.Array(wrapped, signature="v")

    def _properties(self, number: int) -> Any:
        if number == 0:
            return dbus.Dictionary({"children-display": "submenu"}, signature="sv")
        entry = self._entries[number - 1]
        if not entry.label:
            return dbus.Dictionary({"type": "separator"}, signature="sv")
        # An underscore would underline the letter after it.
        told = {"label": entry.label.replace("_", "__"), "enabled": dbus.Boolean(entry.act is not None)}
        return dbus.Dictionary(told, signature="sv")

    def _checked(self, number: int) -> int:
        if not 0 <= number <= len(self._entries):
            raise dbus.DBusException(f"no entry {number}", name="org.freedesktop.DBus.Error.InvalidArgs")
        return number

"""org.freedesktop.Notifications: shows what is to be shown, and withdraws what is obsolete.

https://specifications.freedesktop.org/notification-spec/latest/ . Where no server is, nothing is shown, and nothing
fails. One that somebody closed is not shown again.

Some servers read the body as markup, and say so. What a body says may be the operator's text, so there it is escaped:
a link or a picture of somebody else's would be shown as ours, and a plain "&" would cost the whole body.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import dbus

from flexnetd.applet.model import Act, Notification
from flexnetd.applet.session_bus import SessionBus

SERVER = ("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications")
ICON = "org.flexnetd.FlexNet.Window"
MARKUP = "body-markup"
_NORMAL, _AS_THE_SERVER_LIKES, _NEVER = 1, -1, 0


class Notifications:
    def __init__(self, bus: SessionBus, chosen: Callable[[Act], None]) -> None:
        self._bus, self._chosen = bus, chosen
        self._wanted: dict[str, Notification] = {}
        self._ids: dict[str, int] = {}
        bus.hear(SERVER, "ActionInvoked", self._invoked)

    def show(self, notifications: tuple[Notification, ...]) -> None:
        wanted = {notification.key: notification for notification in notifications}
        before, self._wanted = self._wanted, wanted
        for key in before.keys() - wanted.keys():
            self._withdraw(key)
        for key in wanted.keys() - before.keys():
            self._notify(wanted[key])

    def _notify(self, notification: Notification) -> None:
        """The server is asked each time: it may be another one by now."""

        def send(capabilities: Any = (MARKUP,)) -> None:
            if notification.key in self._wanted:
                self._send(notification, markup=MARKUP in capabilities)

        self._bus.call(SERVER, "GetCapabilities", "", (), send, send)

    def _send(self, notification: Notification, *, markup: bool) -> None:
        body = html.escape(notification.body, quote=False) if markup else notification.body
        actions = dbus.Array(["default", notification.act_label, notification.act.value, notification.act_label], "s")
        hints = {"urgency": dbus.Byte(_NORMAL), "desktop-entry": "org.flexnetd.FlexNet.Applet"}
        timeout = _NEVER if notification.lasting else _AS_THE_SERVER_LIKES
        told = ("FlexNet", dbus.UInt32(0), ICON, notification.summary, body, actions, hints, timeout)
        self._bus.call(SERVER, "Notify", "susssasa{sv}i", told, lambda number: self._shown(notification.key, number))

    def _shown(self, key: str, number: Any) -> None:
        """One that became obsolete before its number was known is withdrawn now."""
        self._ids[key] = int(number)
        if key not in self._wanted:
            self._withdraw(key)

    def _withdraw(self, key: str) -> None:
        number = self._ids.pop(key, None)
        if number is not None:
            self._bus.call(SERVER, "CloseNotification", "u", (dbus.UInt32(number),))

    def _invoked(self, number: int, action: str) -> None:
        for key, known in self._ids.items():
            if known == number and key in self._wanted:
                act = self._wanted[key].act
                if action in {"default", act.value}:
                    self._chosen(act)
                return

"""Far ends on the session bus that write down what they hear: a notification server, and a strict tray watcher.

    python -m tests.bed.desktop.session_services notifications|plain-notifications|watcher LOG

A line a call, JSON. Reads lines from stdin: "invoke ID ACTION" makes the server tell that somebody pressed a button.
A server of notifications says that it reads bodies as markup, a plain one does not. The watcher refuses an item whose
properties are not typed as the specification says, in its line.
"""

# mypy: disable-error-code="misc"
# dbus-python's decorators are untyped.
# ruff: noqa: ARG002 - the arguments are those of the specification
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop

from tests.bed.desktop.desktop import REPOSITORY, Desktop

NOTIFICATIONS = "org.freedesktop.Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
TYPES: Mapping[str, str] = {
    "Category": "s",
    "Id": "s",
    "Title": "s",
    "Status": "s",
    "WindowId": "i",
    "IconName": "s",
    "IconPixmap": "a(iiay)",
    "OverlayIconName": "s",
    "OverlayIconPixmap": "a(iiay)",
    "AttentionIconName": "s",
    "AttentionIconPixmap": "a(iiay)",
    "AttentionMovieName": "s",
    "ToolTip": "(sa(iiay)ss)",
    "ItemIsMenu": "b",
    "Menu": "o",
}


class Service:
    """One of the two, as a process on the desktop's session bus."""

    def __init__(self, desktop: Desktop, kind: str, log: Path) -> None:
        self._log = log
        log.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bed.desktop.session_services", kind, str(log)],
            cwd=REPOSITORY,
            env=desktop.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """May be called again."""
        self._process.terminate()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


class NotificationServer(dbus.service.Object):
    def __init__(self, connection: Any, log: Path, *, markup: bool) -> None:
        super().__init__(connection, "/org/freedesktop/Notifications")
        self._log, self._last, self._markup = log, 0, markup

    @dbus.service.method(NOTIFICATIONS, out_signature="as")
    def GetCapabilities(self) -> Any:
        return ["actions", "body", "body-markup"] if self._markup else ["actions", "body"]

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(
        self, app: str, replaces: int, icon: str, summary: str, body: str, actions: Any, hints: Any, expires: int
    ) -> Any:
        self._last += 1
        told = {"id": self._last, "summary": str(summary), "body": str(body), "actions": [str(a) for a in actions]}
        write(self._log, {**told, "expires": int(expires)})
        return dbus.UInt32(self._last)

    @dbus.service.method(NOTIFICATIONS, in_signature="u")
    def CloseNotification(self, number: int) -> None:
        write(self._log, {"closed": int(number)})

    @dbus.service.signal(NOTIFICATIONS, signature="us")
    def ActionInvoked(self, number: int, action: str) -> None:
        pass

    def hear(self, words: list[str]) -> None:
        self.ActionInvoked(dbus.UInt32(int(words[1])), words[2])


class Watcher(dbus.service.Object):
    def __init__(self, connection: Any, log: Path) -> None:
        super().__init__(connection, "/StatusNotifierWatcher")
        self._log, self._bus = log, connection

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, name: str, sender: str = "") -> None:
        def read(properties: Any) -> None:
            wrong = [
                f"{key}: {signature_of(v)}"
                for key, v in properties.items()
                if TYPES.get(key, signature_of(v)) != signature_of(v)
            ]
            wrong += [f"{key} is missing" for key in TYPES if key not in properties]
            write(self._log, {"registered": str(name), "wrong": wrong, "icon": str(properties.get("IconName"))})

        target = self._bus.get_object(name, "/StatusNotifierItem", introspect=False)
        target.GetAll(
            ITEM,
            dbus_interface="org.freedesktop.DBus.Properties",
            reply_handler=read,
            error_handler=lambda error: write(self._log, {"registered": str(name), "wrong": [str(error)]}),
        )

    def hear(self, words: list[str]) -> None:
        raise ValueError(words)


def signature_of(value: Any) -> str:
    """The D-Bus type of what dbus-python read."""
    if isinstance(value, dbus.Array):
        return f"a{value.signature}"
    if isinstance(value, tuple):
        return "(" + "".join(signature_of(member) for member in value) + ")"
    plain = {dbus.Boolean: "b", dbus.ObjectPath: "o", dbus.String: "s", dbus.Int32: "i"}
    return plain.get(type(value), type(value).__name__)


def write(log: Path, told: Mapping[str, Any]) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")


def main() -> None:
    from gi.repository import GLib  # noqa: PLC0415 - it warns when it is imported: only in this process

    kind, log = sys.argv[1], Path(sys.argv[2])
    connection = dbus.SessionBus(private=True, mainloop=DBusGMainLoop())
    watches = kind == "watcher"
    service = (
        Watcher(connection, log) if watches else NotificationServer(connection, log, markup=kind == "notifications")
    )
    connection.request_name(WATCHER if watches else NOTIFICATIONS)

    def heard(*_: Any) -> bool:
        words = sys.stdin.readline().split()
        if words:
            service.hear(words)
        return bool(words)

    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, heard)
    print("ready", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()

"""Stands in for systemd-logind on a workstation's bus, since a namespace cannot have the real one.

It knows the sessions from the same files in /run/systemd that polkit reads, so there is one truth. It is told what
happens by lines on standard input, each answered with "done" on standard output:

    session-new ID | session-removed ID | user-new UID | user-removed UID | sleep true|false | shutdown true|false

Of org.freedesktop.login1.Manager it offers ListSessions, ListUsers, GetUser, GetSession, Inhibit, the properties
BlockInhibited and DelayInhibited, and the signals SessionNew, SessionRemoved, UserNew, UserRemoved, PrepareForSleep and
PrepareForShutdown. See org.freedesktop.login1(5).
"""

# mypy: allow-untyped-decorators

from __future__ import annotations

import os
import sys
from pathlib import Path

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH, MANAGER = "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
SESSIONS, USERS = Path("/run/systemd/sessions"), Path("/run/systemd/users")


def session_path(session: str) -> dbus.ObjectPath:
    return dbus.ObjectPath(f"{PATH}/session/_3{session[0]}{session[1:]}")


def user_path(uid: int) -> dbus.ObjectPath:
    return dbus.ObjectPath(f"{PATH}/user/_{uid}")


def fields(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


class NoSuch(dbus.DBusException):  # type: ignore[misc] # untyped base
    def __init__(self, what: str, key: object) -> None:
        super().__init__(f"No {what} {key} known", name=f"org.freedesktop.login1.NoSuch{what}")


class Manager(dbus.service.Object):  # type: ignore[misc] # untyped base
    def __init__(self, connection: dbus.bus.BusConnection) -> None:
        super().__init__(connection, PATH)
        self._inhibitors: list[tuple[int, str, str]] = []

    @dbus.service.method(MANAGER, in_signature="", out_signature="a(susso)")
    def ListSessions(self) -> list[tuple[object, ...]]:
        return [
            (file.name, dbus.UInt32(told["UID"]), told["USER"], told.get("SEAT", ""), session_path(file.name))
            for file in sorted(SESSIONS.iterdir())
            for told in [fields(file)]
        ]

    @dbus.service.method(MANAGER, in_signature="", out_signature="a(uso)")
    def ListUsers(self) -> list[tuple[object, ...]]:
        return [
            (dbus.UInt32(file.name), fields(file)["NAME"], user_path(int(file.name)))
            for file in sorted(USERS.iterdir())
        ]

    @dbus.service.method(MANAGER, in_signature="u", out_signature="o")
    def GetUser(self, uid: int) -> dbus.ObjectPath:
        if not (USERS / str(uid)).exists():
            raise NoSuch("User", uid)
        return user_path(uid)

    @dbus.service.method(MANAGER, in_signature="s", out_signature="o")
    def GetSession(self, session: str) -> dbus.ObjectPath:
        if not (SESSIONS / session).exists():
            raise NoSuch("Session", session)
        return session_path(session)

    @dbus.service.method(MANAGER, in_signature="ssss", out_signature="h")
    def Inhibit(self, what: str, who: str, why: str, mode: str) -> dbus.types.UnixFd:
        reader, writer = os.pipe()
        inhibitor = (reader, str(what), str(mode))
        self._inhibitors.append(inhibitor)
        GLib.io_add_watch(reader, GLib.IO_HUP, self._released, inhibitor)
        print(f"inhibited {what} {mode} by {who}: {why}", file=sys.stderr, flush=True)
        taken = dbus.types.UnixFd(writer)
        os.close(writer)
        return taken

    def _released(self, reader: int, _condition: object, inhibitor: tuple[int, str, str]) -> bool:
        self._inhibitors.remove(inhibitor)
        os.close(reader)
        print(f"released {inhibitor[1]} {inhibitor[2]}", file=sys.stderr, flush=True)
        return False

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface: str, name: str) -> object:
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface: str) -> dict[str, object]:
        def inhibited(mode: str) -> str:
            return ":".join(sorted({what for _, what, its in self._inhibitors if its == mode}))

        return {"BlockInhibited": inhibited("block"), "DelayInhibited": inhibited("delay")}

    @dbus.service.signal(MANAGER, signature="b")
    def PrepareForSleep(self, start: bool) -> None: ...

    @dbus.service.signal(MANAGER, signature="b")
    def PrepareForShutdown(self, start: bool) -> None: ...

    @dbus.service.signal(MANAGER, signature="so")
    def SessionNew(self, session: str, path: dbus.ObjectPath) -> None: ...

    @dbus.service.signal(MANAGER, signature="so")
    def SessionRemoved(self, session: str, path: dbus.ObjectPath) -> None: ...

    @dbus.service.signal(MANAGER, signature="uo")
    def UserNew(self, uid: int, path: dbus.ObjectPath) -> None: ...

    @dbus.service.signal(MANAGER, signature="uo")
    def UserRemoved(self, uid: int, path: dbus.ObjectPath) -> None: ...

    def happen(self, line: str) -> None:
        match line.split():
            case ["session-new", session]:
                self.SessionNew(session, session_path(session))
            case ["session-removed", session]:
                self.SessionRemoved(session, session_path(session))
            case ["user-new", uid]:
                self.UserNew(int(uid), user_path(int(uid)))
            case ["user-removed", uid]:
                self.UserRemoved(int(uid), user_path(int(uid)))
            case ["sleep", flag]:
                self.PrepareForSleep(flag == "true")
            case ["shutdown", flag]:
                self.PrepareForShutdown(flag == "true")
            case _:
                raise ValueError(line)


def main() -> None:
    connection = dbus.bus.BusConnection(
        "unix:path=/run/dbus/system_bus_socket", mainloop=dbus.mainloop.glib.DBusGMainLoop()
    )
    manager = Manager(connection)
    connection.request_name(NAME)
    loop = GLib.MainLoop()

    def told(_source: object, _condition: object) -> bool:
        line = sys.stdin.readline()
        if not line:
            loop.quit()
            return False
        manager.happen(line)
        connection.flush()
        print("done", flush=True)
        return True

    GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, told)
    loop.run()


if __name__ == "__main__":
    main()

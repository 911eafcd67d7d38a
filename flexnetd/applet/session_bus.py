"""The applet's side of the session bus: exporting objects with properties, calling without waiting, hearing signals.

Like `flexnetd/client/bus.py` it is a door to dbus-python: what leaves it are plain values. Its connection runs in
GLib's default main context.
"""

# mypy: disable-error-code="misc"
# dbus-python's decorators and classes are untyped.
# ruff: noqa: N802 - D-Bus members are CamelCase
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dbus
import dbus.bus
import dbus.lowlevel
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop

PROPERTIES = "org.freedesktop.DBus.Properties"


class SessionBus:
    """Raises dbus.DBusException when there is no session bus."""

    def __init__(self) -> None:
        self.connection = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SESSION, mainloop=DBusGMainLoop())

    def own(self, name: str) -> bool:
        """Whether the name is ours now; false when somebody else has it."""
        reply = self.connection.request_name(name, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)
        return bool(reply == dbus.bus.REQUEST_NAME_REPLY_PRIMARY_OWNER)

    def watch_owner(self, name: str, changed: Callable[[bool], None]) -> None:
        """`changed(present)` now, and whenever the name's owner is another."""
        self.connection.watch_name_owner(name, lambda owner: changed(bool(owner)))

    def call(
        self,
        target: tuple[str, str, str],
        member: str,
        signature: str,
        arguments: tuple[Any, ...],
        done: Callable[[Any], None] = lambda _: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """`target` is name, path, interface. `done` gets the first value of the answer."""

        def replied(*values: Any) -> None:
            done(values[0] if values else None)

        name, path, interface = target
        self.connection.call_async(
            name, path, interface, member, signature, arguments, replied, lambda _: failed(), byte_arrays=True
        )

    def hear(self, target: tuple[str, str, str], member: str, heard: Callable[..., None]) -> None:
        name, path, interface = target
        self.connection.add_signal_receiver(heard, member, dbus_interface=interface, bus_name=name, path=path)


class Exported(dbus.service.Object):
    """An object of one interface whose properties `read` tells."""

    interface = ""

    def __init__(self, bus: SessionBus, path: str) -> None:
        super().__init__(bus.connection, path)
        self._path = path

    def read(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def tell(self, member: str, signature: str = "", *arguments: Any, interface: str = "") -> None:
        """A signal."""
        message = dbus.lowlevel.SignalMessage(self._path, interface or self.interface, member)
        message.append(*arguments, signature=signature)
        self.connection.send_message(message)

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface: str, name: str) -> Any:
        values = self.read() if interface == self.interface else {}
        if name not in values:
            raise dbus.DBusException(f"no property {name}", name="org.freedesktop.DBus.Error.UnknownProperty")
        return values[name]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface: str) -> Any:
        return dbus.Dictionary(self.read() if interface == self.interface else {}, signature="sv")

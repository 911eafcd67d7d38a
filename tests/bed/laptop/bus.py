"""Root's own connection to a workstation's system bus, for tests: who owns a name, calls, properties.

The one door of the bed to dbus-python: plain values leave it.
"""

from __future__ import annotations

from typing import Any

import dbus
import dbus.bus
import dbus.exceptions


class BusError(Exception):
    """An error answer. `name` is its D-Bus name."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class Bus:
    """`address` as D-Bus writes it. One connection a `Bus`, not shared with anybody; close it at the end.

    Raises BusError when nobody answers there."""

    def __init__(self, address: str) -> None:
        try:
            self._connection = dbus.bus.BusConnection(address)
        except dbus.exceptions.DBusException as error:
            raise _bus_error(error) from None
        self._connection.set_exit_on_disconnect(False)

    def close(self) -> None:
        self._connection.close()

    def has_owner(self, name: str) -> bool:
        return bool(self._connection.name_has_owner(name))

    def owner_uid(self, name: str) -> int:
        return int(self._connection.get_unix_user(name))

    def call(
        self,
        name: str,
        path: str,
        interface: str,
        method: str,
        signature: str = "",
        *arguments: Any,
        timeout_s: float = 10,
    ) -> Any:
        """Calls and gives the plain answer: None, one value, or a tuple. Raises BusError."""
        try:
            answer = self._connection.call_blocking(
                name, path, interface, method, signature, arguments, timeout=timeout_s
            )
        except dbus.exceptions.DBusException as error:
            raise _bus_error(error) from None
        return plain(answer)

    def get(self, name: str, path: str, interface: str, prop: str) -> Any:
        return self.call(name, path, "org.freedesktop.DBus.Properties", "Get", "ss", interface, prop)

    def get_all(self, name: str, path: str, interface: str) -> dict[str, Any]:
        answer = self.call(name, path, "org.freedesktop.DBus.Properties", "GetAll", "s", interface)
        assert isinstance(answer, dict)
        return answer


def _bus_error(error: dbus.exceptions.DBusException) -> BusError:
    return BusError(str(error.get_dbus_name()), str(error.get_dbus_message()))


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line a type
    """A D-Bus value without D-Bus types: byte arrays become bytes."""
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dbus.Array) and value.signature == "y":
        return bytes(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, int):
        return int(value)
    return value

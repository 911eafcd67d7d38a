"""A person's program on the system bus, remote-controlled: JSON lines in, JSON lines out. Runs as that person.

In:  {"call": [path, interface, member, signature, arguments]} ; arguments of signature a{sv} as {name: value}
     {"fd": [path, interface, member, text]}     the same with one argument, an open file with that text
     {"send": [destination, path, interface, member, signature, arguments]}   to anybody, as a signal
     {"own": name}
Out: {"reply": [...]} | {"error": name, "text": text}, one for each line in; {"signal": [path, interface, member,
     arguments]} whenever one comes.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import dbus
import dbus.bus
import dbus.lowlevel
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NAME = "org.flexnetd.FlexNet1"


def plain(value: Any) -> Any:
    if isinstance(value, dbus.types.UnixFd):
        with os.fdopen(value.take(), "rb") as file:
            return {"file": file.read().decode()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dbus.Boolean):
        return bool(value)
    return value


def say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class PersonProcess:
    def __init__(self) -> None:
        self._bus = dbus.SystemBus(private=True, mainloop=DBusGMainLoop())
        self._bus.add_message_filter(self._seen)
        self._bus.add_match_string(f"type='signal',sender='{NAME}'")

    def _seen(self, _connection: Any, message: Any) -> int:
        if isinstance(message, dbus.lowlevel.SignalMessage) and message.get_interface() != "org.freedesktop.DBus":
            told = [message.get_path(), message.get_interface(), message.get_member()]
            say(signal=[*told, plain(message.get_args_list())])
        return int(dbus.lowlevel.HANDLER_RESULT_NOT_YET_HANDLED)

    def obey(self, line: str) -> None:
        try:
            for verb, value in json.loads(line).items():
                getattr(self, f"_{verb}")(value)
        except dbus.DBusException as error:
            say(error=error.get_dbus_name(), text=error.get_dbus_message())
        except (TypeError, ValueError) as error:
            say(error="test.Mistake", text=str(error))

    def _call(self, told: list[Any]) -> None:
        path, interface, member, signature, arguments = told
        self._ask(path, interface, member, signature, arguments)

    def _fd(self, told: list[Any]) -> None:
        path, interface, member, text = told
        fd = os.memfd_create("file")
        os.write(fd, text.encode())
        self._ask(path, interface, member, "h", [dbus.types.UnixFd(fd)])
        os.close(fd)

    def _send(self, told: list[Any]) -> None:
        destination, path, interface, member, signature, arguments = told
        message = dbus.lowlevel.SignalMessage(path, interface, member)
        message.set_destination(destination)
        message.append(*arguments, signature=signature)
        self._bus.send_message(message)
        self._bus.flush()
        say(reply=[])

    def _own(self, name: str) -> None:
        say(reply=[int(self._bus.request_name(name, dbus.bus.NAME_FLAG_DO_NOT_QUEUE))])

    def _ask(self, path: str, interface: str, member: str, signature: str, arguments: list[Any]) -> None:
        message = dbus.lowlevel.MethodCallMessage(NAME, path, interface or None, member)
        message.append(*arguments, signature=signature)

        def replied(reply: Any) -> None:
            if isinstance(reply, dbus.lowlevel.ErrorMessage):
                say(error=reply.get_error_name(), text=str((reply.get_args_list() or [""])[0]))
            else:
                say(reply=plain(reply.get_args_list()))

        self._bus.send_message_with_reply(message, replied, 30.0, require_main_loop=True)


def main() -> None:
    person = PersonProcess()
    loop = GLib.MainLoop()

    received = bytearray()

    def told(_source: object, _condition: object) -> bool:
        chunk = os.read(0, 65536)
        received.extend(chunk)
        *lines, rest = bytes(received).split(b"\n")
        received[:] = rest
        for line in lines:
            person.obey(line.decode())
        if not chunk:
            loop.quit()
        return bool(chunk)

    GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, told)
    say(reply=["ready"])
    loop.run()


if __name__ == "__main__":
    main()

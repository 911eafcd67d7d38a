"""The client's one door to dbus-python: plain values in, plain values and faults out.

The rules:
- Before anything is sent, the owner of the service's name is looked up, and must be root or the system user flexnetd:
  a password goes to nobody else. From then on that owner is addressed by its unique name, so nobody can step in
  between; when the owner changes (a restart), the new one is checked in the same way.
- Signals count only from that owner. They are queued as they arrive and delivered by `deliver`, outside dbus-python's
  callbacks, in order. `wait` does both for a program without a main loop; a program with one sets `on_arrival`.
- Calls that may ask a person for a password (polkit) say so and wait long.
- Every D-Bus error becomes a Fault here.
"""

from __future__ import annotations

import contextlib
import pwd
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import _dbus_bindings
import dbus
import dbus.bus
import dbus.lowlevel
from dbus.mainloop.glib import DBusGMainLoop

from flexnetd.client import glib
from flexnetd.client.bus_faults import fault_from_error
from flexnetd.model.bus_names import BUS_NAME
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret

DAEMON_USER = "flexnetd"
READ_TIMEOUT_S = 10.0
ASK_TIMEOUT_S = 180.0
"""How long a call may take that lets polkit ask a person."""

LARGEST_U = 2**32 - 1

_DBUS = "org.freedesktop.DBus"
_DBUS_PATH = "/org/freedesktop/DBus"
_LOCAL = "org.freedesktop.DBus.Local"
"""An interface whose signals come from this process alone: the bus refuses to pass them on."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of the service. `arguments` are plain values."""

    path: str
    interface: str
    member: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class OwnerChanged:
    """The service went away (`present` false), or another process has taken its place and was checked."""

    present: bool


Arrival = Signal | OwnerChanged
Reply = tuple[Any, ...] | Fault


class Bus:
    """A connection to the system bus and, through it, to the verified service. Raises Fault everywhere."""

    def __init__(self, address: str = "", *, patient: bool = False) -> None:
        """`address` as D-Bus writes it; the system bus when it is left out.

        `patient`: a service that is not running is no fault and not waited for; `start_later` starts it, and
        OwnerChanged tells when it has come.
        """
        self.on_arrival: Callable[[], None] = lambda: None
        self._queue: deque[Callable[[], None]] = deque()
        self._listeners: list[Callable[[Arrival], None]] = []
        self._lost = False
        try:
            where = address or dbus.bus.BusConnection.TYPE_SYSTEM
            self._connection = dbus.bus.BusConnection(where, mainloop=DBusGMainLoop())
        except dbus.DBusException:
            raise Fault(Code.DAEMON_ABSENT) from None
        self._connection.set_exit_on_disconnect(False)
        self._connection.add_message_filter(self._filter)
        for rule in (
            f"type='signal',sender='{BUS_NAME}'",
            f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg0='{BUS_NAME}'",
        ):
            self._ask_the_bus("AddMatch", "s", rule)
        owner = self._owner_running() if patient else self._owner_started()
        self._peer = self._verified(owner) if owner else ""

    @property
    def present(self) -> bool:
        """Whether the service is there and verified."""
        return bool(self._peer)

    def start_later(self, on_reply: Callable[[Reply], None]) -> None:
        """Asks the bus to start the service; DAEMON_ABSENT when it cannot. `on_reply` is called by `deliver`."""

        def replied(reply: Any) -> None:
            absent = reply.get_type() == 3  # DBUS_MESSAGE_TYPE_ERROR
            self._enqueue(lambda: on_reply(Fault(Code.DAEMON_ABSENT) if absent else ()))

        message = dbus.lowlevel.MethodCallMessage(_DBUS, _DBUS_PATH, _DBUS, "StartServiceByName")
        message.append(BUS_NAME, 0, signature="su")
        try:
            self._connection.send_message_with_reply(message, replied, ASK_TIMEOUT_S)
        except dbus.DBusException:
            self._enqueue(lambda: on_reply(Fault(Code.DAEMON_ABSENT)))

    def close(self) -> None:
        self._connection.close()

    def call(
        self, path: str, interface: str, member: str, signature: str = "", *arguments: Any, asks: bool = False
    ) -> tuple[Any, ...]:
        """The service's answer. `asks`: the service may let polkit ask a person."""
        message = self._message(path, interface, member, signature, arguments, asks=asks)
        try:
            reply = self._connection.send_message_with_reply_and_block(message, _timeout_s(asks=asks))
        except dbus.DBusException as error:
            raise self._told(path, error.get_dbus_name(), error.args) from None
        return _plain_arguments(reply)

    def call_later(
        self,
        on_reply: Callable[[Reply], None],
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        *arguments: Any,
        asks: bool = False,
    ) -> None:
        """Like `call`, without waiting: `on_reply` gets the answer or the fault by way of `deliver`."""

        def replied(reply: Any) -> None:
            self._enqueue(lambda: on_reply(self._read_reply(path, reply)))

        message = self._message(path, interface, member, signature, arguments, asks=asks)
        try:
            self._connection.send_message_with_reply(message, replied, _timeout_s(asks=asks))
        except dbus.DBusException as error:
            fault = self._told(path, error.get_dbus_name(), error.args)
            self._enqueue(lambda: on_reply(fault))

    def call_meanwhile(
        self, meanwhile: Callable[[], None], every_s: float, path: str, interface: str, member: str
    ) -> tuple[Any, ...]:
        """A call without arguments that takes its time; `meanwhile` runs about every `every_s` seconds."""
        replies: list[Reply] = []
        self.call_later(replies.append, path, interface, member, asks=True)
        while not replies:
            self.wait(every_s)
            meanwhile()
        if isinstance(replies[0], Fault):
            raise replies[0]
        return replies[0]

    def listen(self, listener: Callable[[Arrival], None]) -> Callable[[], None]:
        """Adds a listener to everything that arrives. Returns what takes it away again."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def deliver(self) -> None:
        """Hands what has arrived to whom it concerns."""
        while self._queue:
            self._queue.popleft()()

    def wait(self, at_most_s: float) -> None:
        """Runs the main context once and delivers. Raises DAEMON_ABSENT when the bus itself is gone for good."""
        if self._lost and not self._queue:
            raise Fault(Code.DAEMON_ABSENT)
        if not self._queue:
            glib.iterate(at_most_s)
        self.deliver()

    # -- the owner of the name

    def _owner_running(self) -> str:
        """The unique name of the service; "" when it is not running."""
        try:
            return str(self._ask_the_bus("GetNameOwner", "s", BUS_NAME))
        except dbus.DBusException:
            return ""

    def _owner_started(self) -> str:
        """The unique name of the service, which the bus starts when it is not running."""
        if owner := self._owner_running():
            return owner
        try:
            self._ask_the_bus("StartServiceByName", "su", BUS_NAME, 0)
            return str(self._ask_the_bus("GetNameOwner", "s", BUS_NAME))
        except dbus.DBusException:
            raise Fault(Code.DAEMON_ABSENT) from None

    def _verified(self, owner: str) -> str:
        try:
            uid = int(self._ask_the_bus("GetConnectionUnixUser", "s", owner))
        except dbus.DBusException:
            raise Fault(Code.DAEMON_ABSENT) from None
        if uid not in _trusted_uids():
            raise Fault(Code.IMPOSTOR, uid=uid)
        return owner

    def _owner_changed(self, owner: str) -> None:
        self._peer = self._verified(owner) if owner else ""
        self._tell(OwnerChanged(bool(owner)))

    def _ask_the_bus(self, member: str, signature: str, *arguments: Any) -> Any:
        return self._connection.call_blocking(
            _DBUS, _DBUS_PATH, _DBUS, member, signature, arguments, timeout=ASK_TIMEOUT_S
        )

    # -- messages

    def _message(
        self, path: str, interface: str, member: str, signature: str, arguments: tuple[Any, ...], *, asks: bool
    ) -> Any:
        if not self._peer:
            self._peer = self._verified(self._owner_started())
        message = dbus.lowlevel.MethodCallMessage(self._peer, path, interface, member)
        message.set_auto_start(False)
        message.set_allow_interactive_authorization(asks)
        message.append(*arguments, signature=signature)
        return message

    def _filter(self, _: Any, message: Any) -> Any:
        if message.get_type() == 4:  # DBUS_MESSAGE_TYPE_SIGNAL
            self._enqueue(lambda: self._arrived(message))
        return _dbus_bindings.HANDLER_RESULT_NOT_YET_HANDLED

    def _enqueue(self, work: Callable[[], None]) -> None:
        self._queue.append(work)
        self.on_arrival()

    def _arrived(self, message: Any) -> None:
        if message.get_interface() == _LOCAL:  # libdbus itself says that the connection is gone
            self._lost = True
            self._owner_changed("")
            return
        arguments = _plain_arguments(message)
        sender, member = message.get_sender(), message.get_member()
        if sender == _DBUS and member == "NameOwnerChanged" and arguments[0] == BUS_NAME:
            self._owner_changed(arguments[2])
        elif sender == self._peer:
            self._tell(Signal(message.get_path(), message.get_interface(), member, arguments))

    def _tell(self, arrival: Arrival) -> None:
        for listener in tuple(self._listeners):
            listener(arrival)

    def _read_reply(self, path: str, reply: Any) -> Reply:
        if reply.get_type() == 3:  # DBUS_MESSAGE_TYPE_ERROR
            return self._told(path, reply.get_error_name(), reply.get_args_list())
        return _plain_arguments(reply)

    def _told(self, path: str, name: str, arguments: Any) -> Fault:
        """The fault of an error answer. No answer means that the service is gone, or that it hangs: the bus knows."""
        if name.endswith(".NoReply") and not self._ask_the_bus("NameHasOwner", "s", self._peer):
            return Fault(Code.DAEMON_ABSENT)
        return fault_from_error(name, path, str(arguments[0]) if arguments else "")


def variants(values: Mapping[str, str | int | Secret]) -> Any:
    """An a{sv}: texts and secrets as s, numbers as u. The one place where the client reveals a secret.

    Raises Fault ARGUMENT_INVALID for what D-Bus cannot carry: bytes that are no letters, a NUL, a number beyond u.
    """
    typed = {name: _variant(name, value) for name, value in values.items()}
    return dbus.Dictionary(typed, signature="sv")


def descriptor(file_descriptor: int) -> Any:
    """An open file for a call; the caller keeps its own descriptor."""
    return dbus.types.UnixFd(file_descriptor)


def _variant(name: str, value: str | int | Secret) -> Any:
    if isinstance(value, int):
        if not 0 <= value <= LARGEST_U:
            raise Fault(Code.ARGUMENT_INVALID, argument=name)
        return dbus.UInt32(value, variant_level=1)
    text = value.reveal() if isinstance(value, Secret) else value
    # Python reads bytes of a file name or a terminal that are no letters of its encoding as lone surrogates.
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Fault(Code.ARGUMENT_INVALID, argument=name)
    return dbus.String(text, variant_level=1)


def _trusted_uids() -> set[int]:
    trusted = {0}
    with contextlib.suppress(KeyError):
        trusted.add(pwd.getpwnam(DAEMON_USER).pw_uid)
    return trusted


def _timeout_s(*, asks: bool) -> float:
    return ASK_TIMEOUT_S if asks else READ_TIMEOUT_S


def _plain_arguments(message: Any) -> tuple[Any, ...]:
    return tuple(_plain(argument) for argument in message.get_args_list())


def _plain(value: Any) -> Any:
    """A value without dbus-python's types: bool, int, float, str, tuple, dict; a descriptor as its number, ours now."""
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, dbus.types.UnixFd):
        return value.take()
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_plain(item) for item in value)
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise Fault(Code.INTERNAL)

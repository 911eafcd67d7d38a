"""The one door to dbus-python. Plain values go in and come out: no type of that library is seen elsewhere.

It is used at the level of messages, not through dbus.service: there any exception that is not a DBusException sends
the caller the whole traceback, and every decorated method would need its own care. Here each method call arrives as an
`Incoming` and is answered by `reply` or `refuse`, nothing else.

Variants are always built with their signature (`Variant`), since the library would guess another (an int becomes "i",
an empty list fails).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dbus.lowlevel as low
from dbus.bus import BusConnection
from dbus.mainloop.glib import DBusGMainLoop
from dbus.types import (
    Array,
    Boolean,
    Byte,
    Dictionary,
    Double,
    Int32,
    Int64,
    ObjectPath,
    String,
    Struct,
    UInt16,
    UInt32,
    UInt64,
    UnixFd,
)

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
NO_REPLY = "org.freedesktop.DBus.Error.NoReply"
_NAME_IS_OURS = (1, 4)
_DO_NOT_QUEUE = 4


@dataclass(frozen=True, slots=True)
class Variant:
    """A value with its signature, for `v`."""

    signature: str
    value: object


@dataclass(frozen=True, slots=True)
class Descriptor:
    """An open file to be sent (`h`); the bus sends a copy of its own, the sender closes `fd`."""

    fd: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A method call as it came; `arguments` reads its values, once."""

    sender: str
    path: str
    interface: str
    member: str
    signature: str
    interactive: bool
    message: Any

    def arguments(self) -> tuple[object, ...]:
        """Plain values. A descriptor arrives as an int that the caller owns and must close."""
        return tuple(_plain(value) for value in self.message.get_args_list(byte_arrays=True))


@dataclass(frozen=True, slots=True)
class SignalSeen:
    sender: str
    path: str
    interface: str
    member: str
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A call of ours was answered with an error, or not at all (`NO_REPLY`)."""

    name: str
    text: str


Answer = tuple[object, ...] | CallFailed


class Bus:
    """One connection to the system bus, on GLib's main loop."""

    def __init__(self, address: str = "") -> None:
        """Blocks until connected. `address` defaults to DBUS_SYSTEM_BUS_ADDRESS, or the system's own.

        Raises OSError when there is no bus.
        """
        try:
            self._connection = BusConnection(address or BusConnection.TYPE_SYSTEM, mainloop=DBusGMainLoop())
        except Exception as wrong:  # noqa: BLE001 - the library's errors end at this door
            raise ConnectionError(str(wrong)) from None
        self._connection.set_exit_on_disconnect(False)
        self._connection.add_message_filter(self._filter)
        self._handlers: list[Callable[[SignalSeen], None]] = []
        self._on_call: Callable[[Incoming], bool] = _nobody
        self._on_lost: Callable[[], None] = _nothing

    @property
    def unique_name(self) -> str:
        return str(self._connection.get_unique_name())

    def serve(self, on_call: Callable[[Incoming], bool], on_lost: Callable[[], None]) -> None:
        """`on_call` says whether the call was for it; `on_lost` is called when the bus is gone. Neither may raise."""
        self._on_call, self._on_lost = on_call, on_lost

    def own(self, name: str) -> bool:
        """Takes the name, blocking; False when somebody else has it or the policy says no."""
        message = _method_call(BUS, BUS_PATH, BUS, "RequestName", "su", (name, _DO_NOT_QUEUE))
        try:
            reply = self._connection.send_message_with_reply_and_block(message, 10.0)
        except Exception:  # noqa: BLE001 - whatever the library raises, the name is not ours
            return False
        return int(reply.get_args_list()[0]) in _NAME_IS_OURS

    def call(
        self,
        destination: str,
        path: str,
        interface: str,
        member: str,
        signature: str,
        values: tuple[object, ...],
        done: Callable[[Answer], None],
        timeout_s: float,
    ) -> None:
        """Asks, without waiting; `done` is called once, within `timeout_s`."""
        message = _method_call(destination, path, interface, member, signature, values)

        def replied(reply: Any) -> None:
            if isinstance(reply, low.ErrorMessage):
                texts = reply.get_args_list()
                done(CallFailed(str(reply.get_error_name()), str(texts[0]) if texts else ""))
            else:
                done(tuple(_plain(value) for value in reply.get_args_list(byte_arrays=True)))

        self._connection.send_message_with_reply(message, replied, timeout_s, require_main_loop=True)

    def tell(self, destination: str, path: str, interface: str, member: str, signature: str, values: Any) -> None:
        """Calls a method and does not want to know what came of it."""
        message = _method_call(destination, path, interface, member, signature, values)
        message.set_no_reply(True)
        self._connection.send_message(message)

    def hear(self, handler: Callable[[SignalSeen], None]) -> None:
        """`handler` is shown every signal that arrives and judges the sender: a signal by unicast needs no match."""
        self._handlers.append(handler)

    def match(self, rule: str) -> None:
        """Makes the bus send the signals that `rule` describes."""
        self.tell(BUS, BUS_PATH, BUS, "AddMatch", "s", (rule,))

    def unmatch(self, rule: str) -> None:
        self.tell(BUS, BUS_PATH, BUS, "RemoveMatch", "s", (rule,))

    def emit(
        self, path: str, interface: str, member: str, signature: str, values: tuple[object, ...], to: str = ""
    ) -> None:
        """A signal; to one connection when `to` names it, else to everybody."""
        message = low.SignalMessage(path, interface, member)
        if to:
            message.set_destination(to)
        message.append(*_typed_all(signature, values), signature=signature)
        self._connection.send_message(message)

    def reply(self, call: Incoming, signature: str, values: tuple[object, ...]) -> None:
        if call.message.get_no_reply():
            return
        message = low.MethodReturnMessage(call.message)
        message.append(*_typed_all(signature, values), signature=signature)
        self._connection.send_message(message)

    def refuse(self, call: Incoming, error_name: str, text: str) -> None:
        if not call.message.get_no_reply():
            self._connection.send_message(low.ErrorMessage(call.message, error_name, text))

    def flush(self) -> None:
        self._connection.flush()

    def _filter(self, _connection: Any, message: Any) -> int:
        if isinstance(message, low.MethodCallMessage):
            return int(low.HANDLER_RESULT_HANDLED if self._on_call(_incoming(message)) else _NOT_YET)
        if isinstance(message, low.SignalMessage):
            self._signal(message)
        return _NOT_YET

    def _signal(self, message: Any) -> None:
        seen = SignalSeen(
            str(message.get_sender() or ""),
            str(message.get_path() or ""),
            str(message.get_interface() or ""),
            str(message.get_member() or ""),
            tuple(_plain(value) for value in message.get_args_list(byte_arrays=True)),
        )
        if seen.interface == "org.freedesktop.DBus.Local" and seen.member == "Disconnected":
            self._on_lost()
        for handler in self._handlers:
            handler(seen)


_NOT_YET = int(low.HANDLER_RESULT_NOT_YET_HANDLED)


def signature_parts(signature: str) -> tuple[str, ...]:
    """The complete types in a signature: "sa{sv}(ib)" has three."""
    parts = []
    while signature:
        end = _type_end(signature, 0)
        parts.append(signature[:end])
        signature = signature[end:]
    return tuple(parts)


def _type_end(signature: str, start: int) -> int:
    if signature[start] == "a":
        return _type_end(signature, start + 1)
    if signature[start] not in "({":
        return start + 1
    depth = 0
    for index in range(start, len(signature)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(signature[index], 0)
        if depth == 0:
            return index + 1
    raise ValueError(signature)


def _incoming(message: Any) -> Incoming:
    return Incoming(
        str(message.get_sender() or ""),
        str(message.get_path()),
        str(message.get_interface() or ""),
        str(message.get_member()),
        str(message.get_signature()),
        bool(message.get_allow_interactive_authorization()),
        message,
    )


def _method_call(
    destination: str, path: str, interface: str, member: str, signature: str, values: tuple[object, ...]
) -> Any:
    message = low.MethodCallMessage(destination, path, interface, member)
    message.append(*_typed_all(signature, values), signature=signature)
    return message


def _typed_all(signature: str, values: tuple[object, ...]) -> tuple[Any, ...]:
    return tuple(_typed(part, value, 0) for part, value in zip(signature_parts(signature), values, strict=True))


_BASIC: Mapping[str, Any] = {
    "s": String,
    "b": Boolean,
    "y": Byte,
    "q": UInt16,
    "i": Int32,
    "u": UInt32,
    "x": Int64,
    "t": UInt64,
    "d": Double,
    "o": ObjectPath,
}


def _typed(signature: str, value: Any, level: int) -> Any:
    """The library's value of exactly that type; `level` 1 makes it a variant."""
    if signature == "v":
        return _typed(value.signature, value.value, 1)
    if signature == "h":
        return UnixFd(value.fd)
    if signature[0] == "(":
        inner = signature[1:-1]
        return Struct(_typed_all(inner, tuple(value)), signature=inner, variant_level=level)
    if signature.startswith("a{"):
        key, item = signature_parts(signature[2:-1])
        pairs = {_typed(key, k, 0): _typed(item, v, 0) for k, v in value.items()}
        return Dictionary(pairs, signature=key + item, variant_level=level)
    if signature[0] == "a":
        return Array([_typed(signature[1:], item, 0) for item in value], signature=signature[1:], variant_level=level)
    return _BASIC[signature](value, variant_level=level)


def _plain(value: Any) -> object:  # noqa: PLR0911 - one line a type
    """A value as Python's own types have it."""
    if isinstance(value, Boolean):
        return bool(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, UnixFd):
        return Descriptor(int(value.take()))
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return [_plain(item) for item in value]


def close_descriptors(values: tuple[object, ...]) -> None:
    """Closes what came with a call that nobody wants."""
    for value in values:
        if isinstance(value, Descriptor):
            os.close(value.fd)


def _nobody(_call: Incoming) -> bool:
    return False


def _nothing() -> None:
    return

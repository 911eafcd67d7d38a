"""The one door to dbus-python. Plain values go in and come out: no type of that library is seen elsewhere.

It is used at the level of messages, not through dbus.service: there any exception that is not a DBusException sends
the caller the whole traceback, and every decorated method would need its own care. Here each method call arrives as an
`Incoming` and is answered by `reply` or `refuse`, nothing else. dbus.lowlevel only names again what _dbus_bindings has;
importing it would load the rest of the package, which takes as long as all of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import _dbus_bindings as low
from _dbus_glib_bindings import DBusGMainLoop  # type: ignore[import-not-found]  # a C extension beside the one above

from flexnetd.daemon.bus.size_guard import guard
from flexnetd.daemon.bus.values import plain, typed_all

BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"
NO_REPLY = "org.freedesktop.DBus.Error.NoReply"
_NAME_IS_OURS = (1, 4)
_DO_NOT_QUEUE = 4
_LOCAL = "org.freedesktop.DBus.Local"


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
        return tuple(plain(value) for value in self.message.get_args_list(byte_arrays=True))


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """A signal as it came, from anybody. `arguments` reads its values: after a look at the sender, since they may be
    many."""

    sender: str
    member: str
    message: Any

    def arguments(self) -> tuple[object, ...]:
        return tuple(plain(value) for value in self.message.get_args_list(byte_arrays=True))


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A call of ours was answered with an error, or not at all (`NO_REPLY`)."""

    name: str
    text: str


Answer = tuple[object, ...] | CallFailed


class _Connection(low.Connection):  # type: ignore[misc]  # the library has no types
    """Of the C type itself, dbus-python 1.4.0 (Debian 13) makes objects that are too small, and crashes sooner or
    later. The library only ever uses it through a subclass."""


class Bus:
    """One connection to the system bus, on GLib's main loop."""

    def __init__(self, address: str = "") -> None:
        """Blocks until connected. `address` defaults to DBUS_SYSTEM_BUS_ADDRESS, or the system's own.

        Raises OSError when there is no bus.
        """
        try:
            self._connection = _Connection._new_for_bus(address or low.BUS_SYSTEM, mainloop=DBusGMainLoop())
        except Exception as wrong:  # noqa: BLE001 - the library's errors end at this door
            raise ConnectionError(str(wrong)) from None
        self._connection.set_exit_on_disconnect(False)
        self._connection.add_message_filter(self._filter)
        guard(self._connection)
        # Every path is ours to answer for; calls come here after the guard has counted them.
        self._connection._register_object_path("/", self._called, None, True)  # as dbus.service does
        self._handlers: list[Callable[[SignalSeen], None]] = []
        self._held: list[Incoming] = []
        self._on_call: Callable[[Incoming], None] = self._held.append
        self._on_lost: Callable[[], None] = _nothing

    @property
    def unique_name(self) -> str:
        return str(self._connection.get_unique_name())

    def when_lost(self, on_lost: Callable[[], None]) -> None:
        """`on_lost` is called when the bus is gone. It must not raise."""
        self._on_lost = on_lost

    def serve(self, on_call: Callable[[Incoming], None]) -> None:
        """`on_call` gets every call, first those that came before this. It must not raise."""
        self._on_call = on_call
        held, self._held = self._held, []
        for incoming in held:
            on_call(incoming)

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
                done(tuple(plain(value) for value in reply.get_args_list(byte_arrays=True)))

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
        message.append(*typed_all(signature, values), signature=signature)
        self._connection.send_message(message)

    def reply(self, call: Incoming, signature: str, values: tuple[object, ...]) -> None:
        if call.message.get_no_reply():
            return
        message = low.MethodReturnMessage(call.message)
        message.append(*typed_all(signature, values), signature=signature)
        self._connection.send_message(message)

    def refuse(self, call: Incoming, error_name: str, text: str) -> None:
        if not call.message.get_no_reply():
            self._connection.send_message(low.ErrorMessage(call.message, error_name, text))

    def flush(self) -> None:
        self._connection.flush()

    def _called(self, _connection: Any, message: Any) -> int:
        self._on_call(_incoming(message))
        return _HANDLED

    def _filter(self, _connection: Any, message: Any) -> int:
        if isinstance(message, low.SignalMessage):
            seen = SignalSeen(str(message.get_sender() or ""), str(message.get_member() or ""), message)
            if message.get_interface() == _LOCAL and seen.member == "Disconnected":
                self._on_lost()
            for handler in self._handlers:
                handler(seen)
        return _NOT_YET


_HANDLED = int(low.HANDLER_RESULT_HANDLED)
_NOT_YET = int(low.HANDLER_RESULT_NOT_YET_HANDLED)


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
    message.append(*typed_all(signature, values), signature=signature)
    return message


def _nothing() -> None:
    return

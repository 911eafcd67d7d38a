"""The control socket: one JSON object a line, {"do": WORD, ...}, answered by one, {"answer": ...} or {"error": TEXT}.

`serial` says which key; without it the first is meant. Words:
    environment                             the variables that let a process see the keys
    state                                   what a key is doing and has done
    touch                                   a finger, now; answers whether the key was waiting for one
    hold            held                    a finger that lies on the key until it is taken away again
    auto-touch      after_ms (or null)      a finger that long after each wait begins; null: nobody comes
    press           slot                    a press that types: answers the text
    pull, plug
    configure       slot, kind, ...         programs a slot: "hmac-sha1" secret, touch, fixed_length; "yubico-otp"
                                            public_id, private_id, aes_key; "oath-hotp" secret, digits, counter;
                                            "empty". Bytes are hexadecimal
    trouble         trouble, pull_after     see port.Script
    touch-seconds   seconds                 how long the key blinks
    refuse          refuses                 challenges are met with silence, as from a key that does not want
    pin             pin                     sets the FIDO application's PIN
    pin-tries                               how many tries the PIN has left
    always-verify   always                  the FIDO application wants the PIN for everything
    fido-reset                              the FIDO application forgets everything
    add             firmware, otp, fido     a new key with a new `serial`, plugged in
    permit          mode, group             who may open the nodes
"""

from __future__ import annotations

import json
import socketserver
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

from tests.bed.yubikey.farend import Access, FarEnd
from tests.bed.yubikey.fido.authenticator import Authenticator
from tests.bed.yubikey.model import Options
from tests.bed.yubikey.port import Port, Script, Trouble
from tests.bed.yubikey.slot import SlotConfig, hmac_slot, hotp_slot, otp_slot

Order = Mapping[str, Any]


def _state(port: Port, _: Order) -> dict[str, object]:
    key = port.key
    return {
        "serial": key.options.serial,
        "plugged": port.plugged,
        "blinking": port.plugged and (key.waiting or bool(port.fido and port.fido.authenticator.waiting)),
        "driver_attached": port.driver_attached,
        "slots": {str(number): slot.config.kind.value for number, slot in sorted(key.slots.items())},
        **asdict(key.tally),
        "fido": asdict(port.fido.authenticator.tally) if port.fido else None,
    }


def slot_from_order(order: Order) -> SlotConfig | None:
    """Raises KeyError, ValueError."""
    match order["kind"]:
        case "hmac-sha1":
            secret = bytes.fromhex(order["secret"])
            return hmac_slot(secret, touch=order.get("touch", True), fixed_length=order.get("fixed_length", False))
        case "yubico-otp":
            public_id, private_id, aes_key = (bytes.fromhex(order[n]) for n in ("public_id", "private_id", "aes_key"))
            return otp_slot(public_id, private_id, aes_key)
        case "oath-hotp":
            secret = bytes.fromhex(order["secret"])
            return hotp_slot(secret, digits=order.get("digits", 6), counter=order.get("counter", 0))
        case "empty":
            return None
        case kind:
            raise ValueError(f"unknown kind {kind!r}")


def _auto_touch(port: Port, order: Order) -> None:
    after_s = None if order["after_ms"] is None else order["after_ms"] / 1000
    port.key.options = replace(port.key.options, auto_touch_s=after_s)
    if port.fido:
        port.fido.authenticator.options = replace(port.fido.authenticator.options, auto_touch_s=after_s)


def _touch_seconds(port: Port, order: Order) -> None:
    port.key.options = replace(port.key.options, touch_seconds=order["seconds"])
    if port.fido:
        port.fido.authenticator.options = replace(port.fido.authenticator.options, touch_seconds=order["seconds"])


def _touch(port: Port) -> bool:
    """One finger for both applications: whichever blinks."""
    if not port.plugged:
        return False
    return port.key.touch() or bool(port.fido and port.fido.authenticator.touch())


def _refuse(port: Port, order: Order) -> None:
    port.key.options = replace(port.key.options, refuses=order["refuses"])


def _authenticator(port: Port) -> Authenticator:
    if not port.fido:
        raise ValueError("a key without FIDO")
    return port.fido.authenticator


def _always_verify(port: Port, order: Order) -> None:
    one = _authenticator(port)
    one.options = replace(one.options, always_verify=order["always"])


def _configure(port: Port, order: Order) -> None:
    port.key.program(order["slot"], slot_from_order(order))


def _trouble(port: Port, order: Order) -> None:
    port.script = Script(Trouble(order.get("trouble", "none")), order.get("pull_after"))


ON_A_KEY: Mapping[str, Callable[[Port, Order], object]] = {
    "state": _state,
    "touch": lambda port, _: _touch(port),
    "hold": lambda port, order: port.key.hold(held=order["held"]),
    "auto-touch": _auto_touch,
    "press": lambda port, order: port.key.press(order.get("slot", 1)) if port.plugged else "",
    "pull": lambda port, _: port.pull(),
    "configure": _configure,
    "trouble": _trouble,
    "touch-seconds": _touch_seconds,
    "refuse": _refuse,
    "pin": lambda port, order: _authenticator(port).pin.set(order["pin"]),
    "pin-tries": lambda port, _: _authenticator(port).pin.tries,
    "always-verify": _always_verify,
    "fido-reset": lambda port, _: _authenticator(port).forget(),
}


def carry_out(far_end: FarEnd, order: Order) -> object:
    """Raises KeyError, ValueError, TypeError for an order that makes no sense."""
    match order["do"]:
        case "environment":
            return far_end.environment
        case "add":
            firmware = tuple(order.get("firmware", (5, 4, 3)))
            options = Options(serial=order["serial"], firmware=cast("tuple[int, int, int]", firmware))
            far_end.add(options, otp=order.get("otp", True), fido=order.get("fido", False))
        case "permit":
            far_end.permit(Access(order["mode"], order.get("group", -1)))
        case "plug":
            far_end.plug(_serial(far_end, order))
        case word:
            return ON_A_KEY[word](far_end.ports[_serial(far_end, order)], order)
    return None


def _serial(far_end: FarEnd, order: Order) -> int:
    return int(order.get("serial") or next(iter(far_end.ports)))


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("ControlServer", self.server)
        for line in self.rfile:
            self.wfile.write(json.dumps(_answer(server.far_end, line)).encode() + b"\n")


def _answer(far_end: FarEnd, line: bytes) -> dict[str, object]:
    try:
        with far_end.lock:
            return {"answer": carry_out(far_end, json.loads(line))}
    except (KeyError, ValueError, TypeError, StopIteration) as error:
        return {"error": f"{type(error).__name__}: {error}"}


class ControlServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, far_end: FarEnd) -> None:
        self.far_end = far_end
        super().__init__(str(path), _Conversation)

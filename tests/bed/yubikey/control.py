"""The control socket: one JSON object a line, {"do": WORD, ...}, answered by one, {"answer": ...} or {"error": TEXT}.

`serial` says which key; without it the first is meant. Words:
    environment                             the variables that let a process see the keys
    state                                   what a key is doing and has done
    touch                                   a finger, now; answers whether the key was waiting for one
    auto-touch      after_ms (or null)      a finger that long after each wait begins; null: nobody comes
    press           slot                    a press that types: answers the text
    pull, plug
    configure       slot, kind, ...         programs a slot: "hmac-sha1" secret, touch, fixed_length; "yubico-otp"
                                            public_id, private_id, aes_key; "oath-hotp" secret, digits, counter;
                                            "empty". Bytes are hexadecimal
    trouble         trouble, pull_after     see port.Script
    touch-seconds   seconds                 how long the key blinks
    add             firmware, otp           a new key with a new `serial`, plugged in
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
from tests.bed.yubikey.model import Options
from tests.bed.yubikey.port import Port, Script, Trouble
from tests.bed.yubikey.slot import SlotConfig, hmac_slot, hotp_slot, otp_slot

Order = Mapping[str, Any]


def _state(port: Port, _: Order) -> dict[str, object]:
    key = port.key
    return {
        "serial": key.options.serial,
        "plugged": port.plugged,
        "blinking": port.plugged and key.waiting,
        "driver_attached": port.driver_attached,
        "slots": {str(number): slot.config.kind.value for number, slot in sorted(key.slots.items())},
        **asdict(key.tally),
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
    after_ms = order["after_ms"]
    port.key.options = replace(port.key.options, auto_touch_s=None if after_ms is None else after_ms / 1000)


def _touch_seconds(port: Port, order: Order) -> None:
    port.key.options = replace(port.key.options, touch_seconds=order["seconds"])


def _configure(port: Port, order: Order) -> None:
    port.key.program(order["slot"], slot_from_order(order))


def _trouble(port: Port, order: Order) -> None:
    port.script = Script(Trouble(order.get("trouble", "none")), order.get("pull_after"))


ON_A_KEY: Mapping[str, Callable[[Port, Order], object]] = {
    "state": _state,
    "touch": lambda port, _: port.plugged and port.key.touch(),
    "auto-touch": _auto_touch,
    "press": lambda port, order: port.key.press(order.get("slot", 1)) if port.plugged else "",
    "pull": lambda port, _: port.pull(),
    "configure": _configure,
    "trouble": _trouble,
    "touch-seconds": _touch_seconds,
}


def carry_out(far_end: FarEnd, order: Order) -> object:
    """Raises KeyError, ValueError, TypeError for an order that makes no sense."""
    match order["do"]:
        case "environment":
            return far_end.environment
        case "add":
            firmware = tuple(order.get("firmware", (5, 4, 3)))
            options = Options(serial=order["serial"], firmware=cast("tuple[int, int, int]", firmware))
            far_end.add(options, otp=order.get("otp", True))
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

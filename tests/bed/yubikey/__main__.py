"""Plugs a software YubiKey in for other processes, until standard input ends or SIGTERM comes.

python -m tests.bed.yubikey --control SOCKET [--serial N] [--firmware A.B.C] [--mode OCTAL] [--group GID] [--fido]
                             [--none]
    prints one line when the key is there: {"control": SOCKET, "environment": {...}}
python -m tests.bed.yubikey --control SOCKET --do WORD [name=value ...]
    gives one order (control.py) to one that runs, and prints the answer; values are JSON, or else text
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from tests.bed.yubikey.plugged_key import Control


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bed.yubikey")
    parser.add_argument("--control", type=Path, required=True)
    parser.add_argument("--serial", type=int, default=12345678)
    parser.add_argument("--firmware", default="5.4.3")
    parser.add_argument("--mode", type=lambda text: int(text, 8), default=0o666)
    parser.add_argument("--group", type=int, default=-1)
    parser.add_argument("--fido", action="store_true", help="the key has a FIDO application, too")
    parser.add_argument("--none", action="store_true", help="begin without any key")
    parser.add_argument("--do", metavar="WORD")
    parser.add_argument("values", nargs="*", metavar="name=value")
    return parser.parse_args()


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _give_order(arguments: argparse.Namespace) -> None:
    values = dict(pair.partition("=")[::2] for pair in arguments.values)
    with Control(arguments.control) as control:
        answer = control.do(arguments.do, **{name: _value(text) for name, text in values.items()})
    print(json.dumps(answer))


def _serve(arguments: argparse.Namespace) -> None:
    from tests.bed.yubikey.control import ControlServer  # noqa: PLC0415 - an order needs no umockdev
    from tests.bed.yubikey.farend import Access, FarEnd  # noqa: PLC0415
    from tests.bed.yubikey.model import Options  # noqa: PLC0415

    far_end = FarEnd(Access(arguments.mode, arguments.group))
    try:
        if not arguments.none:
            major, minor, build = (int(part) for part in arguments.firmware.split("."))
            far_end.add(Options(serial=arguments.serial, firmware=(major, minor, build)), fido=arguments.fido)
        with ControlServer(arguments.control, far_end) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print(json.dumps({"control": str(arguments.control), "environment": far_end.environment}), flush=True)
            sys.stdin.buffer.read()
            server.shutdown()
    finally:
        arguments.control.unlink(missing_ok=True)
        far_end.close()


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _end)
    if arguments.do:
        _give_order(arguments)
    else:
        _serve(arguments)


main()

"""Runs in a VM: `python3 -m tests.bed.vm.keyboard` says "listening", and then what a YubiKey types until its Enter.

It reads evdev, as a desktop does. The kernel's words: linux/input.h, an event is 24 bytes on 64 bits.
"""

from __future__ import annotations

import select
import struct
import sys
from contextlib import ExitStack
from pathlib import Path

VENDOR = "1050"
LONGEST_S = 20.0
_EVENT = struct.Struct("<qqHHi")
_EV_KEY, _PRESSED, _ENTER = 1, 1, 28
_ROWS = {2: "1234567890", 16: "qwertyuiop", 30: "asdfghjkl", 44: "zxcvbnm"}
_LETTERS = {first + place: letter for first, row in _ROWS.items() for place, letter in enumerate(row)}


def nodes() -> list[str]:
    """The keyboards of YubiKeys."""
    found = sorted(Path("/sys/class/input").glob("event*"))
    return [f"/dev/input/{path.name}" for path in found if (path / "device/id/vendor").read_text().strip() == VENDOR]


def main() -> int:
    with ExitStack() as stack:
        keyboards = [stack.enter_context(open(node, "rb", buffering=0)) for node in nodes()]  # noqa: PTH123
        print("listening", flush=True)
        text = ""
        while True:
            ready, _, _ = select.select(keyboards, [], [], LONGEST_S)
            if not ready:
                print(f"nothing more after {text!r}", file=sys.stderr)
                return 1
            _, _, kind, code, value = _EVENT.unpack(ready[0].read(_EVENT.size))
            if (kind, value) != (_EV_KEY, _PRESSED):
                continue
            if code == _ENTER:
                print(f"typed {text}", flush=True)
                return 0
            text += _LETTERS.get(code, f"<{code}>")


if __name__ == "__main__":
    sys.exit(main())

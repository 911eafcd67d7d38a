"""Pure: what the statuses mean with which a key refuses (CTAP 2.1, 8.2)."""

from __future__ import annotations

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault

PIN_INVALID = 0x31
PIN_REQUIRED = 0x36
NO_CREDENTIALS = 0x2E
INVALID_CREDENTIAL = 0x22

_NOT_TOUCHED = frozenset({0x27, 0x2F})
"""Denied by the person (a key with a display), or nobody came."""
_BUSY = frozenset({0x05, 0x06, 0x2D})
"""The channel is busy, or another program took our question back."""


def fault_of_status(status: int, *, tries: int = 0, blinked_s: float = 0) -> Fault:  # noqa: PLR0911 - a table
    """`tries` how many the PIN has left, where that is what is wrong."""
    match status:
        case 0x31 | 0x33:
            return Fault(Code.KEY_PIN_WRONG, tries=tries)
        case 0x34:
            return Fault(Code.KEY_PIN_PAUSED)
        case 0x32:
            return Fault(Code.KEY_PIN_BLOCKED)
        case 0x35:
            return Fault(Code.KEY_PIN_UNSET)
        case 0x36:
            return Fault(Code.KEY_PIN_NEEDED)
        case 0x22 | 0x2E:
            return Fault(Code.KEY_NOT_REGISTERED)
        case _ if status in _NOT_TOUCHED:
            return Fault(Code.KEY_NOT_TOUCHED, seconds=round(blinked_s))
        case _ if status in _BUSY:
            return Fault(Code.KEY_BUSY)
        case _:
            return Fault(Code.KEY_FAILED, detail=f"CTAP 0x{status:02x}")

"""What a key's keyboard sends: boot reports of eight bytes, two for each letter. Pure.

A key types by position, not by letter: modhex lies on the same keys of most layouts.
"""

from __future__ import annotations

REPORT_BYTES = 8
RELEASED = bytes(REPORT_BYTES)
USAGES = {
    **{letter: 0x04 + place for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")},
    **{digit: 0x1E + place for place, digit in enumerate("1234567890")},
    "\n": 0x28,
    "\t": 0x2B,
}
"""HID usage tables, page 7."""


def reports_from_text(text: str) -> list[bytes]:
    """Raises KeyError for what a key does not type."""
    pressed = [bytes([0, 0, USAGES[letter], 0, 0, 0, 0, 0]) for letter in text]
    return [report for press in pressed for report in (press, RELEASED)]

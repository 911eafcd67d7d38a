"""What is known of a plugged-in YubiKey."""

from __future__ import annotations

from dataclasses import dataclass

Firmware = tuple[int, int, int]

SLOT_BITS_SINCE: Firmware = (2, 1, 0)
HMAC_SINCE: Firmware = (2, 2, 0)
SERIAL_SINCE: Firmware = (2, 2, 0)
TOUCH_BITS_SINCE: Firmware = (3, 0, 0)


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """`programmed` and `wants_touch` are None where the firmware does not tell. A slot that types (OTP, HOTP, static
    password) always wants a touch, so this alone does not tell what kind of slot it is."""

    number: int
    programmed: bool | None
    wants_touch: bool | None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """`path` the hidraw node; `serial` None when the key hides it."""

    path: str
    serial: int | None
    firmware: Firmware
    slots: tuple[SlotFacts, SlotFacts]

    @property
    def answers_hmac(self) -> bool:
        return self.firmware >= HMAC_SINCE

    def slot(self, number: int) -> SlotFacts:
        return self.slots[number - 1]


@dataclass(frozen=True, slots=True)
class Status:
    """A status report, read: firmware, slots, and the flags that say what the key is doing."""

    firmware: Firmware
    slots: tuple[SlotFacts, SlotFacts]
    flags: int


def status_from_fields(firmware: Firmware, touch_level: int, flags: int) -> Status:
    """`touch_level` is the status's 16-bit field: bits 1 and 2 "slot is programmed", 4 and 8 "slot wants a touch"."""

    def told(bit: int, since: Firmware) -> bool | None:
        return bool(touch_level & bit) if firmware >= since else None

    first, second = (SlotFacts(n, told(n, SLOT_BITS_SINCE), told(n << 2, TOUCH_BITS_SINCE)) for n in (1, 2))
    return Status(firmware, (first, second), flags)

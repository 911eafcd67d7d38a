"""A program of its own: Yubico's yubikit, as the distribution has it, programs and asks the key at its hidraw node.

Says line by line what it found. Started with /usr/bin/python3.
"""

# mypy: ignore-errors

from __future__ import annotations

from ykman.hid import list_otp_devices
from yubikit.core.otp import OtpConnection
from yubikit.yubiotp import (
    SLOT,
    HmacSha1SlotConfiguration,
    HotpSlotConfiguration,
    UpdateConfiguration,
    YubiOtpSession,
    YubiOtpSlotConfiguration,
)

SECRET = bytes(range(20))
AES = b"sixteen byte key"


def main() -> None:
    (device,) = list_otp_devices()
    session = YubiOtpSession(device.open_connection(OtpConnection))
    print("version", ".".join(str(part) for part in session.version[:3]))
    print("serial", session.get_serial())
    _say("empty", session)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET).require_touch(False))
    _say("hmac", session)
    print("answer", session.calculate_hmac_sha1(SLOT.TWO, b"hello").hex())
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET).require_touch(True))
    print("touched", session.calculate_hmac_sha1(SLOT.TWO, b"hello").hex())
    otp = YubiOtpSlotConfiguration(bytes.fromhex("ff0000111122"), b"secret", AES)
    session.put_configuration(SLOT.ONE, otp, acc_code=b"access")
    try:
        session.delete_slot(SLOT.ONE)
    except Exception as error:  # noqa: BLE001 - each version has another
        print("guarded", type(error).__name__)
    session.delete_slot(SLOT.ONE, b"access")
    session.put_configuration(SLOT.ONE, HotpSlotConfiguration(SECRET).digits8(True))
    session.swap_slots()
    _say("swapped", session)
    session.update_configuration(SLOT.TWO, UpdateConfiguration().append_cr(False))
    session.delete_slot(SLOT.ONE)
    _say("left", session)


def _say(word, session) -> None:
    """Of each slot whether it is programmed and, where the firmware tells, whether it wants a touch."""
    state, slots = session.get_config_state(), (SLOT.ONE, SLOT.TWO)
    touch = [f"{state.is_touch_triggered(slot):d}" if session.version >= (3, 0, 0) else "" for slot in slots]
    print(word, *(f"{state.is_configured(slot):d}{wants}" for slot, wants in zip(slots, touch, strict=True)))


main()

"""The OTP application's model, spoken to in feature reports; time stands still unless a test moves it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.bed.yubikey.frames import (
    CRC_RESIDUE,
    PENDING,
    RESET_REPORT,
    SEQUENCE_MASK,
    TOUCH,
    WRITE,
    Frame,
    crc16,
    reports_from_frame,
)
from tests.bed.yubikey.model import Options, YubiKey
from tests.bed.yubikey.slot import Extended, SlotConfig, hmac_slot, hotp_slot, otp_slot
from tests.bed.yubikey.typed_text import bytes_from_modhex, modhex_from_bytes

SECRET = bytes(range(20))
AES = b"sixteen byte key"
PUBLIC_ID = bytes.fromhex("ff0000111122")
PRIVATE_ID = b"secret"
OTP_SLOT = otp_slot(PUBLIC_ID, PRIVATE_ID, AES)
WRITE_1, WRITE_2, UPDATE_1, SWAP, SERIAL, CAPABILITIES = 0x01, 0x03, 0x04, 0x06, 0x10, 0x13
OTP_CHALLENGE_2, HMAC_2 = 0x28, 0x38


@dataclass
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def key(clock: Clock) -> YubiKey:
    return YubiKey(clock=clock)


def ask(key: YubiKey, command: int, payload: bytes = bytes(64)) -> bytes:
    """The response without its CRC, b"" for silence."""
    for report in reports_from_frame(Frame(command, payload.ljust(64, b"\0"))):
        key.write(report)
    return response(key)


def response(key: YubiKey) -> bytes:
    data, part = b"", 0
    while (report := key.read())[-1] & PENDING and report[-1] & SEQUENCE_MASK == part:
        data, part = data + report[:7], part + 1
    if not data:
        return b""
    key.write(RESET_REPORT)
    length = next(n for n in range(2, len(data) + 1) if crc16(data[:n]) == CRC_RESIDUE)
    return data[: length - 2]


def sequence(key: YubiKey) -> int:
    return key.read()[4]


def flags(key: YubiKey) -> int:
    return key.read()[7]


def opened(otp: str, key: bytes = AES) -> bytes:
    """The 16 bytes in an OTP."""
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    plain = decryptor.update(bytes_from_modhex(otp.strip()[-32:])) + decryptor.finalize()
    assert crc16(plain) == CRC_RESIDUE
    return plain


def counters(otp: str) -> tuple[int, int]:
    """Use counter, session counter."""
    plain = opened(otp)
    return int.from_bytes(plain[6:8], "little"), plain[11]


# -- status, serial, capabilities


def test_the_status_tells_version_slots_and_touch(key: YubiKey) -> None:
    assert key.read() == bytes([0, 5, 4, 3, 0, 0, 0, 0])
    key.program(1, OTP_SLOT)
    key.program(2, hmac_slot(SECRET, touch=False))
    assert key.read() == bytes([0, 5, 4, 3, 1, 0b0111, 0, 0])
    key.program(2, hmac_slot(SECRET))
    assert key.read()[5] == 0b1111


@pytest.mark.parametrize(("firmware", "level"), [((2, 0, 0), 0), ((2, 2, 0), 0b10), ((3, 0, 0), 0b1010)])
def test_older_firmware_tells_less(firmware: tuple[int, int, int], level: int) -> None:
    key = YubiKey(Options(firmware=firmware))
    key.program(2, hmac_slot(SECRET))
    assert key.read()[5] == level


def test_the_serial_is_shown_if_a_slot_allows_it(key: YubiKey) -> None:
    assert ask(key, SERIAL) == (12345678).to_bytes(4, "big")
    key.program(1, replace(OTP_SLOT, extended=0))
    assert ask(key, SERIAL) == b""
    key.program(2, hmac_slot(SECRET))
    assert ask(key, SERIAL) == (12345678).to_bytes(4, "big")


def test_what_came_later_is_silence_before() -> None:
    old = YubiKey(Options(firmware=(2, 1, 0)))
    old.program(2, hmac_slot(SECRET, touch=False))
    assert [ask(old, command) for command in (SERIAL, CAPABILITIES, HMAC_2)] == [b"", b"", b""]


def test_the_capabilities_carry_serial_and_version(key: YubiKey) -> None:
    told = ask(key, CAPABILITIES)
    assert told[0] == len(told) - 1
    assert (12345678).to_bytes(4, "big") in told
    assert bytes([5, 4, 3]) in told


# -- HMAC


@pytest.mark.parametrize("message", [b"", b"a", b"hello", bytes(range(63))])
def test_a_variable_slot_hashes_what_comes_before_the_padding(key: YubiKey, message: bytes) -> None:
    key.program(2, hmac_slot(SECRET, touch=False))
    padding = b"\xff" if message.endswith(b"\0") else b"\0"
    wanted = hmac.new(SECRET, message or padding, hashlib.sha1).digest()
    assert ask(key, HMAC_2, message.ljust(64, padding)) == wanted


def test_a_variable_slot_loses_the_64th_byte(key: YubiKey) -> None:
    key.program(2, hmac_slot(SECRET, touch=False))
    assert ask(key, HMAC_2, b"x" * 63 + b"y") == hmac.new(SECRET, b"x" * 63, hashlib.sha1).digest()


def test_a_fixed_slot_hashes_all_64_bytes(key: YubiKey) -> None:
    key.program(2, hmac_slot(SECRET, touch=False, fixed_length=True))
    assert ask(key, HMAC_2, b"hello") == hmac.new(SECRET, b"hello".ljust(64, b"\0"), hashlib.sha1).digest()


def test_silence_is_the_answer_to_what_a_slot_does_not_do(key: YubiKey) -> None:
    assert ask(key, HMAC_2) == b""
    key.program(2, OTP_SLOT)
    assert ask(key, HMAC_2) == b""
    key.program(2, hotp_slot(SECRET))
    assert ask(key, HMAC_2) == b""
    key.program(2, hmac_slot(SECRET, touch=False))
    assert ask(key, OTP_CHALLENGE_2) == b""
    assert flags(key) == 0


def test_an_otp_challenge_is_encrypted_with_the_counters(key: YubiKey) -> None:
    key.program(2, SlotConfig(key=AES, ticket=0x40, config=0x20))
    assert opened(modhex_from_bytes(ask(key, OTP_CHALLENGE_2, b"abcdef")))[:6] == b"abcdef"


# -- touch


@pytest.fixture
def blinking(key: YubiKey) -> YubiKey:
    key.program(2, hmac_slot(SECRET))
    assert ask(key, HMAC_2, b"hello") == b""
    return key


HELLO = hmac.new(SECRET, b"hello", hashlib.sha1).digest()


def test_the_key_blinks_and_counts_down(blinking: YubiKey, clock: Clock) -> None:
    assert flags(blinking) == TOUCH | 16
    clock.now_s += 0.001
    assert flags(blinking) == TOUCH | 15
    clock.now_s += 10
    assert flags(blinking) == TOUCH | 5


def test_a_touch_answers(blinking: YubiKey) -> None:
    assert blinking.touch()
    assert not blinking.waiting
    assert response(blinking) == HELLO
    assert not blinking.touch()


def test_nobody_touches_and_the_key_is_quiet_after_15_seconds(blinking: YubiKey, clock: Clock) -> None:
    clock.now_s += 14.9
    assert blinking.waiting
    clock.now_s += 0.1
    assert flags(blinking) == 0
    assert not blinking.touch()


def test_a_finger_that_comes_by_itself(blinking: YubiKey, clock: Clock) -> None:
    blinking.options = replace(blinking.options, auto_touch_s=0.5)
    clock.now_s += 0.4
    assert flags(blinking) & TOUCH
    clock.now_s += 0.1
    assert response(blinking) == HELLO


def test_a_finger_that_comes_too_late(blinking: YubiKey, clock: Clock) -> None:
    blinking.options = replace(blinking.options, auto_touch_s=20)
    clock.now_s += 20
    assert flags(blinking) == 0


def test_a_reset_ends_the_wait(blinking: YubiKey) -> None:
    blinking.write(RESET_REPORT)
    assert not blinking.waiting
    assert blinking.tally.resets == 1


def test_a_press_that_the_wait_swallows_types_nothing(blinking: YubiKey) -> None:
    blinking.program(1, OTP_SLOT)
    assert blinking.press(1) == ""
    assert blinking.press(1) != ""


def test_a_new_frame_ends_the_wait_or_on_some_firmware_does_not(blinking: YubiKey) -> None:
    blinking.options = replace(blinking.options, new_frame_ends_wait=False)
    assert ask(blinking, SERIAL) == b""
    assert blinking.waiting
    blinking.options = replace(blinking.options, new_frame_ends_wait=True)
    assert ask(blinking, SERIAL) != b""
    assert not blinking.waiting


# -- Yubico OTP


def test_an_otp_is_the_public_id_the_block_and_enter(key: YubiKey) -> None:
    key.program(1, OTP_SLOT)
    typed = key.press()
    assert len(typed) == 45
    assert typed.startswith(modhex_from_bytes(PUBLIC_ID))
    assert typed.endswith("\n")
    assert opened(typed)[:6] == PRIVATE_ID


def test_the_counters_move_with_each_press_and_each_plugging(key: YubiKey) -> None:
    key.program(1, OTP_SLOT)
    assert [counters(key.press()) for _ in range(3)] == [(1, 0), (1, 1), (1, 2)]
    key.power_up()
    assert counters(key.press()) == (2, 0)


def test_the_session_counter_wraps_into_the_use_counter(key: YubiKey) -> None:
    key.program(1, OTP_SLOT)
    typed = [key.press() for _ in range(257)]
    assert counters(typed[255]) == (1, 255)
    assert counters(typed[256]) == (2, 0)


def test_the_use_counter_stops_at_its_end(key: YubiKey) -> None:
    key.program(1, OTP_SLOT)
    key.slots[1].use_counter = 0x7FFF
    assert counters(key.press()) == (0x7FFF, 0)


def test_the_clock_runs_at_8_hertz(key: YubiKey, clock: Clock) -> None:
    key.program(1, OTP_SLOT)
    first = int.from_bytes(opened(key.press())[8:11], "little")
    clock.now_s += 2
    assert int.from_bytes(opened(key.press())[8:11], "little") - first == 16


def test_the_slots_type_by_themselves_or_not_at_all(key: YubiKey) -> None:
    assert key.press(1) == ""
    key.program(2, hmac_slot(SECRET))
    assert key.press(2) == ""
    key.program(1, replace(OTP_SLOT, extended=Extended.DORMANT))
    assert key.press(1) == ""


def test_a_static_password_is_always_the_same(key: YubiKey) -> None:
    key.program(1, replace(OTP_SLOT, config=0x20))
    assert len({key.press() for _ in range(3)}) == 1


# -- OATH-HOTP


def test_hotp_types_rfc_4226s_values(key: YubiKey) -> None:
    """Appendix D."""
    key.program(1, hotp_slot(b"12345678901234567890"))
    assert [key.press().strip() for _ in range(4)] == ["755224", "287082", "359152", "969429"]
    key.power_up()
    assert key.press() == "338314\n"


def test_hotp_with_eight_digits_and_another_beginning(key: YubiKey) -> None:
    key.program(1, hotp_slot(b"12345678901234567890", digits=8, counter=32))
    mac = hmac.new(b"12345678901234567890", (32).to_bytes(8, "big"), hashlib.sha1).digest()
    offset = mac[19] & 15
    wanted = (int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF) % 10**8
    assert key.press() == f"{wanted:08d}\n"


# -- programming by the host


def test_an_accepted_write_moves_the_sequence(key: YubiKey) -> None:
    ask(key, WRITE_1, OTP_SLOT.payload())
    ask(key, WRITE_2, hmac_slot(SECRET, touch=False).payload())
    assert sequence(key) == 2
    assert ask(key, HMAC_2, b"hello") == HELLO


def test_a_broken_configuration_is_refused(key: YubiKey) -> None:
    payload = bytearray(OTP_SLOT.payload())
    payload[20] ^= 1
    ask(key, WRITE_1, bytes(payload))
    assert key.slots == {}
    assert sequence(key) == 0


def test_an_access_code_guards_its_slot(key: YubiKey) -> None:
    code = b"access"
    ask(key, WRITE_1, replace(OTP_SLOT, access_code=code).payload())
    ask(key, WRITE_1, bytes(64))
    assert 1 in key.slots
    ask(key, WRITE_1, bytes(52) + code)
    assert key.slots == {}
    assert sequence(key) == 0


def test_an_update_changes_how_a_slot_types_and_nothing_else(key: YubiKey) -> None:
    no_enter = replace(OTP_SLOT, ticket=0, key=bytes(16))
    ask(key, WRITE_1, OTP_SLOT.payload())
    ask(key, UPDATE_1, no_enter.payload())
    assert key.press().endswith("\n")
    ask(key, WRITE_1, replace(OTP_SLOT, extended=Extended.ALLOW_UPDATE).payload())
    ask(key, UPDATE_1, no_enter.payload())
    typed = key.press()
    assert not typed.endswith("\n")
    assert opened(typed)[:6] == PRIVATE_ID


def test_swapping_takes_the_counters_along(key: YubiKey) -> None:
    key.program(1, OTP_SLOT)
    key.press()
    ask(key, SWAP)
    assert counters(key.press(2)) == (1, 1)


def test_the_key_is_busy_after_a_write() -> None:
    clock = Clock()
    key = YubiKey(Options(write_busy_s=0.05), clock)
    ask(key, WRITE_1, OTP_SLOT.payload())
    assert flags(key) == WRITE
    clock.now_s += 0.05
    assert flags(key) == 0


def test_what_is_no_report_of_a_frame_is_ignored(key: YubiKey) -> None:
    key.write(b"short")
    key.write(bytes(8))
    assert key.tally.frames == []

"""Programs that nobody here wrote take the software key for a real one: Yubico's tools, libyubikey, oathtool, and
python-yubico by its own way, all through the real libusb."""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bed.yubikey.plugged_key import PluggedKey

SECRET = bytes(range(20))
AES = b"sixteen byte key"
PUBLIC_ID = bytes.fromhex("ff0000111122")
PRIVATE_ID = b"secret"
RFC_SECRET = b"12345678901234567890"


@pytest.fixture(scope="module")
def bed() -> Iterator[PluggedKey]:
    with PluggedKey.plugged_in(firmware=(4, 3, 7)) as key:
        yield key


@pytest.fixture
def key(bed: PluggedKey) -> PluggedKey:
    bed.auto_touch(None)
    bed.empty(1)
    bed.program_hmac(2, SECRET, touch=False)
    return bed


def ran(key: PluggedKey, *command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | key.environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def right(message: bytes) -> str:
    return hmac.new(SECRET, message, hashlib.sha1).hexdigest()


def test_ykinfo_reads_serial_version_and_slots(key: PluggedKey) -> None:
    told = dict(line.split(": ") for line in ran(key, "ykinfo", "-a").stdout.splitlines())
    assert (told["serial"], told["version"]) == (str(key.serial), "4.3.7")
    assert (told["slot1_status"], told["slot2_status"]) == ("0", "1")


@pytest.mark.parametrize("message", [b"hello", bytes(range(32)), b"x" * 63])
def test_ykchalresp_is_answered(key: PluggedKey, message: bytes) -> None:
    assert ran(key, "ykchalresp", "-2", "-x", message.hex()).stdout.strip() == right(message)


def test_ykchalresp_waits_for_a_finger(key: PluggedKey) -> None:
    key.program_hmac(2, SECRET)
    key.auto_touch(0.1)
    assert ran(key, "ykchalresp", "-2", "hello").stdout.strip() == right(b"hello")
    assert key.state().touches > 0


def test_ykchalresp_is_refused_by_an_empty_slot(key: PluggedKey) -> None:
    assert ran(key, "ykchalresp", "-1", "hello").returncode != 0


def test_ykpersonalize_programs_a_slot_that_the_product_can_use(key: PluggedKey) -> None:
    options = ["-ochal-resp", "-ochal-hmac", "-ohmac-lt64", "-ochal-btn-trig", "-oserial-api-visible"]
    written = ran(key, "ykpersonalize", "-1", *options, f"-a{SECRET.hex()}", "-y")
    assert written.returncode == 0, written.stderr
    key.auto_touch(0.05)
    asked = ran(key, sys.executable, "-m", "tests.bed.yubikey.asking", "answer", b"hello".hex(), "1")
    assert right(b"hello") in asked.stdout


def test_python_yubico_finds_the_key_by_itself(key: PluggedKey) -> None:
    code = """
import warnings; warnings.simplefilter("ignore")
import yubico
key = yubico.find_yubikey()
print(key.serial(), key.version(), key.challenge_response(b"hello", slot=2).hex())
"""
    assert ran(key, sys.executable, "-c", code).stdout.split() == [str(key.serial), "4.3.7", right(b"hello")]


def test_libusb_takes_the_key_away_from_its_keyboard_driver(key: PluggedKey) -> None:
    """Why the product does not use it: after a process ended like any other, the key does not type any more."""
    key.pull()
    key.plug()
    assert key.state().driver_attached
    ran(key, sys.executable, "-W", "ignore", "-c", "import yubico; key = yubico.find_yubikey()")
    assert not key.state().driver_attached
    key.pull()
    key.plug()
    assert key.state().driver_attached


class Token(ctypes.LittleEndianStructure):
    """yubikey_token_st of yubikey.h."""

    _pack_ = 1
    _fields_ = (
        ("uid", ctypes.c_uint8 * 6),
        ("use_counter", ctypes.c_uint16),
        ("stamp_low", ctypes.c_uint16),
        ("stamp_high", ctypes.c_uint8),
        ("session_counter", ctypes.c_uint8),
        ("noise", ctypes.c_uint16),
        ("crc", ctypes.c_uint16),
    )


def test_libyubikey_opens_what_the_key_types(key: PluggedKey) -> None:
    library = ctypes.CDLL("libyubikey.so.0")
    library.yubikey_crc16.restype = ctypes.c_uint16
    key.program_otp(1, PUBLIC_ID, PRIVATE_ID, AES)
    typed = [key.press(1).strip() for _ in range(2)]
    tokens = []
    for text in typed:
        token = Token()
        library.yubikey_parse(text[12:].encode(), AES, ctypes.byref(token))
        assert library.yubikey_crc16(ctypes.byref(token), 16) == 0xF0B8
        assert bytes(token.uid) == PRIVATE_ID
        tokens.append((token.use_counter, token.session_counter))
    assert tokens == [(1, 0), (1, 1)]


def test_oathtool_counts_with_the_key(key: PluggedKey) -> None:
    key.program_hotp(1, RFC_SECRET, digits=8, counter=16)
    wanted = ran(key, "oathtool", "-d", "8", "-c", "16", "-w", "2", RFC_SECRET.hex()).stdout.split()
    assert [key.press(1).strip() for _ in range(3)] == wanted

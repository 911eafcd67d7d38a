"""The FIDO2 authenticator's model, spoken to in messages and packets; time stands still unless a test moves it."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.bed.yubikey.fido import cbor
from tests.bed.yubikey.fido.authenticator import AAGUID, Authenticator, Command, FidoOptions, Flag
from tests.bed.yubikey.fido.ctaphid import BROADCAST, FINGER_NEEDED, CtapHid, Hid
from tests.bed.yubikey.fido.pin import Status

RP = "portal.example"
CLIENT_HASH = hashlib.sha256(b"client data").digest()
KINDS = [{"alg": -8, "type": "public-key"}, {"alg": -7, "type": "public-key"}]
USER = {"id": b"\1\2", "name": "anna"}


@dataclass
class Clock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def key(clock: Clock) -> Authenticator:
    return Authenticator(clock=clock)


def asked(key: Authenticator, command: int, arguments: dict[int, Any]) -> bytes | None:
    return key.ask(bytes([command]) + cbor.encode(arguments))


def touched(key: Authenticator, command: int, arguments: dict[int, Any]) -> tuple[Status, dict[int, Any]]:
    """Status and answer after a finger."""
    assert asked(key, command, arguments) is None
    assert key.touch()
    answer = key.answer()
    assert answer is not None
    return Status(answer[0]), cbor.decode(answer[1:]) if answer[1:] else {}


def made(key: Authenticator) -> tuple[bytes, ec.EllipticCurvePublicKey]:
    """A new credential: its id and public key."""
    status, answer = touched(key, Command.MAKE, {1: CLIENT_HASH, 2: {"id": RP}, 3: USER, 4: KINDS})
    assert status is Status.OK
    told = answer[2]
    assert told[37:53] == AAGUID
    length = struct.unpack(">H", told[53:55])[0]
    public = cbor.decode(told[55 + length :])
    x, y = (int.from_bytes(public[at], "big") for at in (-2, -3))
    verifier = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    verifier.verify(answer[3]["sig"], told + CLIENT_HASH, ec.ECDSA(SHA256()))
    return told[55 : 55 + length], verifier


def question(number: bytes) -> dict[int, Any]:
    return {1: RP, 2: CLIENT_HASH, 3: [{"id": number, "type": "public-key"}]}


# -- the encoding


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (65536, "1a00010000"),
        (-7, "26"),
        (-257, "390100"),
        (b"\1", "4101"),
        ("ä", "62c3a4"),
        ([1, [2]], "82018102"),
        (True, "f5"),
        ({"b": False, "aa": 1, 3: 2, -1: 0}, "a4030220006162f462616101"),
    ],
)
def test_cbor_is_canonical(value: Any, encoded: str) -> None:
    assert cbor.encode(value).hex() == encoded
    assert cbor.decode(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize("broken", ["", "18", "4201", "8201", "a101", "f6", "1f", "0000", "61ff", "c001"])
def test_what_is_no_cbor_is_refused(broken: str) -> None:
    with pytest.raises(ValueError):
        cbor.decode(bytes.fromhex(broken))


def test_what_ctap_does_not_send_is_refused() -> None:
    with pytest.raises(TypeError):
        cbor.encode(1.5)
    with pytest.raises(TypeError):
        cbor.encode(1 << 64)


# -- credentials


def test_an_assertion_is_signed_by_the_credential_that_was_made(key: Authenticator) -> None:
    number, verifier = made(key)
    status, answer = touched(key, Command.ASSERT, question(number))
    assert status is Status.OK
    assert answer[1]["id"] == number
    told = answer[2]
    assert told[:32] == hashlib.sha256(RP.encode()).digest()
    assert told[32] == Flag.PRESENT
    verifier.verify(answer[3], told + CLIENT_HASH, ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        verifier.verify(answer[3], told + bytes(32), ec.ECDSA(SHA256()))


def test_the_counter_grows(key: Authenticator) -> None:
    number, _ = made(key)
    counts = [struct.unpack(">L", touched(key, Command.ASSERT, question(number))[1][2][33:37])[0] for _ in range(3)]
    assert counts == [2, 3, 4]


@pytest.mark.parametrize("asking", [question(b"x" * 64), {1: "evil.example", 2: CLIENT_HASH}])
def test_no_credential_is_said_at_once(key: Authenticator, asking: dict[int, Any]) -> None:
    made(key)
    assert asked(key, Command.ASSERT, asking) == bytes([Status.NO_CREDENTIALS])


def test_a_credential_serves_its_own_party_alone(key: Authenticator) -> None:
    number, _ = made(key)
    assert asked(key, Command.ASSERT, question(number) | {1: "evil.example"}) == bytes([Status.NO_CREDENTIALS])


def test_a_resident_credential_is_found_without_its_id(key: Authenticator) -> None:
    number, _ = made(key)
    made(key)
    assert asked(key, Command.ASSERT, {1: RP, 2: CLIENT_HASH}) == bytes([Status.NO_CREDENTIALS])
    status, answer = touched(key, Command.MAKE, {1: CLIENT_HASH, 2: {"id": RP}, 3: USER, 4: KINDS, 7: {"rk": True}})
    assert status is Status.OK
    _, answer = touched(key, Command.ASSERT, {1: RP, 2: CLIENT_HASH})
    assert answer[1]["id"] != number
    assert answer[4] == {"id": USER["id"]}


def test_a_key_that_has_one_says_so_after_a_touch(key: Authenticator) -> None:
    number, _ = made(key)
    making = {1: CLIENT_HASH, 2: {"id": RP}, 3: USER, 4: KINDS, 5: [{"id": number, "type": "public-key"}]}
    assert touched(key, Command.MAKE, making) == (Status.CREDENTIAL_EXCLUDED, {})


def test_another_algorithm_is_refused(key: Authenticator) -> None:
    making = {1: CLIENT_HASH, 2: {"id": RP}, 3: USER, 4: KINDS[:1]}
    assert asked(key, Command.MAKE, making) == bytes([Status.UNSUPPORTED_ALGORITHM])


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"", Status.INVALID_CBOR),
        (b"\x02\xff", Status.INVALID_CBOR),
        (b"\x02\xa0", Status.MISSING_PARAMETER),
        (b"\x40", Status.INVALID_COMMAND),
        (b"\x06\xa1\x02\x18\x63", Status.INVALID_SUBCOMMAND),
        (b"\x01\x01", Status.INVALID_CBOR),
    ],
)
def test_a_malformed_message_is_answered(key: Authenticator, message: bytes, status: Status) -> None:
    assert key.ask(message) == bytes([status])


# -- fingers


def test_nobody_touches(key: Authenticator, clock: Clock) -> None:
    number, _ = made(key)
    assert asked(key, Command.ASSERT, question(number)) is None
    clock.now_s += 29.9
    assert key.waiting
    assert key.answer() is None
    clock.now_s += 0.1
    assert key.answer() == bytes([Status.USER_ACTION_TIMEOUT])
    assert not key.touch()


def test_a_finger_that_comes_by_itself(key: Authenticator, clock: Clock) -> None:
    key.options = replace(key.options, auto_touch_s=0.5)
    assert asked(key, Command.SELECTION, {}) is None
    clock.now_s += 0.5
    assert key.answer() == bytes([Status.OK])


def test_a_wait_is_cancelled(key: Authenticator) -> None:
    assert asked(key, Command.SELECTION, {}) is None
    key.cancel()
    assert key.answer() == bytes([Status.KEEPALIVE_CANCEL])
    key.cancel()
    assert key.answer() is None
    assert key.tally.cancels == 1


def test_an_assertion_without_a_finger_says_so_in_its_flags(key: Authenticator) -> None:
    number, _ = made(key)
    answer = asked(key, Command.ASSERT, question(number) | {5: {"up": False}})
    assert answer is not None
    assert cbor.decode(answer[1:])[2][32] == 0


def test_a_reset_forgets_everything(key: Authenticator) -> None:
    number, _ = made(key)
    key.pin.set("1234")
    assert touched(key, Command.RESET, {})[0] is Status.OK
    assert asked(key, Command.ASSERT, question(number)) == bytes([Status.NO_CREDENTIALS])
    assert not key.pin.is_set


# -- the PIN, as far as it can be told without a host; the rest is for the judges


def test_with_a_pin_nothing_is_made_without_it(key: Authenticator) -> None:
    number, _ = made(key)
    key.pin.set("1234")
    making = {1: CLIENT_HASH, 2: {"id": RP}, 3: USER, 4: KINDS}
    assert asked(key, Command.MAKE, making) == bytes([Status.PIN_REQUIRED])
    assert touched(key, Command.ASSERT, question(number))[0] is Status.OK
    key.options = FidoOptions(always_verify=True)
    assert asked(key, Command.ASSERT, question(number)) == bytes([Status.PIN_REQUIRED])


def test_a_made_up_token_is_refused(key: Authenticator) -> None:
    number, _ = made(key)
    key.pin.set("1234")
    for protocol, length in ((1, 16), (2, 32)):
        forged = question(number) | {6: bytes(length), 7: protocol}
        assert asked(key, Command.ASSERT, forged) == bytes([Status.PIN_AUTH_INVALID])


# -- packets


def said(hid: CtapHid, channel: int, command: int, data: bytes) -> None:
    """As a host sends a message."""
    hid.write(struct.pack(">IBH", channel, 0x80 | command, len(data)) + data[:57])
    for sequence, at in enumerate(range(57, len(data), 59)):
        hid.write(struct.pack(">IB", channel, sequence) + data[at : at + 59])


def heard(hid: CtapHid) -> tuple[int, int, bytes] | None:
    """The next message: channel, command, data."""
    packet = hid.read()
    if packet is None:
        return None
    channel, command, length = struct.unpack_from(">IBH", packet)
    data, sequence = packet[7:], 0
    while len(data) < length:
        packet = hid.read()
        assert packet is not None
        assert struct.unpack_from(">IB", packet) == (channel, sequence)
        data, sequence = data + packet[5:], sequence + 1
    return channel, command & 0x7F, data[:length]


@pytest.fixture
def hid(key: Authenticator, clock: Clock) -> CtapHid:
    return CtapHid(key, clock)


def test_each_host_gets_a_channel_of_its_own(hid: CtapHid) -> None:
    channels = []
    for nonce in (b"one-----", b"two-----"):
        said(hid, BROADCAST, Hid.INIT, nonce)
        answer = heard(hid)
        assert answer is not None
        assert answer[:2] == (BROADCAST, Hid.INIT)
        assert answer[2][:8] == nonce
        channels.append(answer[2][8:12])
    assert len(set(channels)) == 2


@pytest.mark.parametrize("length", [0, 1, 57, 58, 116, 117, 1200])
def test_a_long_message_comes_back_whole(hid: CtapHid, length: int) -> None:
    data = bytes(n & 0xFF for n in range(length))
    said(hid, 5, Hid.PING, data)
    assert heard(hid) == (5, Hid.PING, data)


def test_keepalives_come_while_a_finger_is_awaited(hid: CtapHid, clock: Clock) -> None:
    said(hid, 5, Hid.CBOR, bytes([Command.SELECTION]))
    assert heard(hid) == (5, Hid.KEEPALIVE, bytes([FINGER_NEEDED]))
    assert heard(hid) is None
    clock.now_s += 0.1
    assert heard(hid) == (5, Hid.KEEPALIVE, bytes([FINGER_NEEDED]))
    hid.authenticator.touch()
    assert heard(hid) == (5, Hid.CBOR, bytes([Status.OK]))
    assert heard(hid) is None


def test_another_channel_is_told_that_the_key_is_busy_and_cannot_cancel(hid: CtapHid) -> None:
    said(hid, 5, Hid.CBOR, bytes([Command.SELECTION]))
    heard(hid)
    said(hid, 6, Hid.CBOR, bytes([Command.INFO]))
    assert heard(hid) == (6, Hid.ERROR, b"\x06")
    said(hid, 6, Hid.CANCEL, b"")
    assert hid.authenticator.waiting
    said(hid, 5, Hid.CANCEL, b"")
    assert heard(hid) == (5, Hid.CBOR, bytes([Status.KEEPALIVE_CANCEL]))


@pytest.mark.parametrize(
    ("packets", "wrong"),
    [
        ([struct.pack(">IBH", 5, 0x80 | Hid.PING, 4000)], 0x03),
        ([struct.pack(">IBH", 5, 0x80 | Hid.PING, 100), struct.pack(">IB", 5, 1)], 0x04),
        ([struct.pack(">IBH", 5, 0x80 | Hid.MSG, 1)], 0x01),
    ],
)
def test_a_broken_message_is_answered(hid: CtapHid, packets: list[bytes], wrong: int) -> None:
    for packet in packets:
        hid.write(packet)
    assert heard(hid) == (5, Hid.ERROR, bytes([wrong]))
    hid.write(struct.pack(">IB", 5, 0))
    assert heard(hid) is None


def test_a_pull_ends_everything_that_was_under_way(hid: CtapHid) -> None:
    said(hid, 5, Hid.CBOR, bytes([Command.SELECTION]))
    hid.power_up()
    assert heard(hid) is None
    assert not hid.authenticator.waiting
    said(hid, 6, Hid.PING, b"there")
    assert heard(hid) == (6, Hid.PING, b"there")

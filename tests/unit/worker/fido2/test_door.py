"""The worker's call, over a software key in this process and python-fido2 as it comes."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from hashlib import sha256

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.login.enrolment_fido2 import NewCredential, credential_from_text
from flexnetd.portal.login.proof_fido2 import Expected, asserted_count
from flexnetd.wire.fido2 import Fido2Ask, Fido2Proof, client_data
from flexnetd.worker.fido2.door import Question, fido2_proof
from tests.bed.fido2_key import Fido2Key
from tests.bed.yubikey.fido.authenticator import FidoOptions
from tests.bed.yubikey.fido.ctaphid import CtapHid
from tests.bed.yubikey.in_process import PortNodes
from tests.bed.yubikey.model import YubiKey
from tests.bed.yubikey.port import Port, Script, Trouble

ORIGIN = "https://portal.example"
PARTY = "portal.example"
DIGEST = sha256(b"digest").digest()
OTHER_CHANNEL = b"\0\0\0\x63\x90\0\1\0".ljust(64, b"\0")


class Plugged:
    """A key in a port, enrolled for the portal."""

    def __init__(self, *, touched: bool = True) -> None:
        self.key = Fido2Key()
        self.enrolled: NewCredential = credential_from_text(self.key.enrolment(PARTY), PARTY)
        self.authenticator = self.key.authenticator
        self.authenticator.options = FidoOptions(auto_touch_s=0.02 if touched else None)
        self.port = Port(YubiKey(), CtapHid(self.authenticator))


@pytest.fixture
def key() -> Plugged:
    return Plugged()


def question(key: Plugged, *, pin: str | None = None, asked: bool = False) -> Question:
    ask = Fido2Ask((b"another" * 9, key.enrolled.credential), asked)
    return Question(ask, PARTY, client_data(ORIGIN, DIGEST), None if pin is None else Secret(pin))


def proof(
    question: Question,
    *ports: Port,
    nodes: PortNodes | None = None,
    on_touch: Callable[[], None] = lambda: None,
    cancelled: Callable[[], bool] = lambda: False,
    timeout_s: float = 10,
) -> Fido2Proof:
    return fido2_proof(
        question, on_touch=on_touch, cancelled=cancelled, timeout_s=timeout_s, nodes=nodes or PortNodes(*ports)
    )


def fault_of(question: Question, *ports: Port, **more: object) -> Fault:
    with pytest.raises(Fault) as told:
        proof(question, *ports, **more)  # type: ignore[arg-type]
    return told.value


def good(key: Plugged, made: Fido2Proof, *, pin: bool = False) -> bool:
    return asserted_count(made, key.enrolled.public_key, Expected(ORIGIN, DIGEST, pin)) is not None


# -- signing


def test_the_portal_takes_what_the_key_signs(key: Plugged) -> None:
    blinks: list[bool] = []
    assert good(key, proof(question(key), key.port, on_touch=lambda: blinks.append(True)))
    assert blinks == [True]
    assert key.authenticator.tally.touches == 2, "one at enrolment, one now"


def test_everything_is_given_back(key: Plugged) -> None:
    nodes = PortNodes(key.port)
    proof(question(key), nodes=nodes)
    fault_of(question(Plugged()), nodes=nodes)
    assert [packets.closed for packets in nodes.opened_packets] == [True, True]


def test_of_several_keys_the_one_that_is_enrolled_blinks(key: Plugged) -> None:
    others = [Plugged(touched=False) for _ in range(2)]
    assert good(key, proof(question(key), others[0].port, key.port, others[1].port))
    assert [other.authenticator.tally.touches for other in others] == [1, 1]


def test_what_other_programs_talk_with_the_key_is_passed_over(key: Plugged) -> None:
    nodes = PortNodes(key.port)
    nodes.stolen = (OTHER_CHANNEL, OTHER_CHANNEL)
    assert good(key, proof(question(key), nodes=nodes))


# -- the PIN


def test_a_pin_that_is_asked_for_is_verified(key: Plugged) -> None:
    key.authenticator.pin.set("täglich1")
    assert good(key, proof(question(key, pin="täglich1", asked=True), key.port), pin=True)
    assert not good(key, proof(question(key), key.port), pin=True)


def test_a_pin_that_is_wanted_is_asked_for_before_anything_blinks(key: Plugged) -> None:
    key.authenticator.pin.set("1234")
    before = len(key.authenticator.tally.commands)
    assert fault_of(question(key, asked=True), key.port) == Fault(Code.KEY_PIN_NEEDED)
    assert key.authenticator.tally.touches == 1
    assert len(key.authenticator.tally.commands) > before
    key.authenticator.options = FidoOptions(auto_touch_s=0.02, always_verify=True)
    assert fault_of(question(key), key.port) == Fault(Code.KEY_PIN_NEEDED)
    assert good(key, proof(question(key, pin="1234"), key.port), pin=True)


def test_a_key_without_a_pin_says_so(key: Plugged) -> None:
    assert fault_of(question(key, asked=True), key.port) == Fault(Code.KEY_PIN_UNSET)
    assert fault_of(question(key, asked=True, pin="1234"), key.port) == Fault(Code.KEY_PIN_UNSET)


def test_a_wrong_pin_says_how_many_tries_are_left(key: Plugged) -> None:
    key.authenticator.pin.set("1234")
    wrong = question(key, asked=True, pin="4321")
    assert fault_of(wrong, key.port) == Fault(Code.KEY_PIN_WRONG, tries=7)
    assert fault_of(wrong, key.port) == Fault(Code.KEY_PIN_WRONG, tries=6)
    assert fault_of(wrong, key.port) == Fault(Code.KEY_PIN_PAUSED)
    assert fault_of(question(key, asked=True, pin="1234"), key.port) == Fault(Code.KEY_PIN_PAUSED)
    key.port.pull()
    key.port.plug()
    assert good(key, proof(question(key, asked=True, pin="1234"), key.port), pin=True)
    assert key.authenticator.pin.tries == 8


def test_the_last_wrong_pin_blocks_the_key(key: Plugged) -> None:
    key.authenticator.pin.set("1234")
    key.authenticator.pin.tries = 1
    assert fault_of(question(key, asked=True, pin="4321"), key.port) == Fault(Code.KEY_PIN_BLOCKED)
    assert fault_of(question(key, asked=True, pin="1234"), key.port) == Fault(Code.KEY_PIN_BLOCKED)


@pytest.mark.parametrize("pin", ["", "123", "x" * 64, "ä" * 32])
def test_what_can_be_no_pin_costs_no_try(key: Plugged, pin: str) -> None:
    key.authenticator.pin.set("1234")
    assert fault_of(question(key, asked=True, pin=pin), key.port) == Fault(Code.KEY_PIN_WRONG, tries=8)
    assert key.authenticator.pin.tries == 8


# -- what goes wrong


def test_no_key_no_fido2_and_a_strangers_key_are_told_apart(key: Plugged) -> None:
    assert fault_of(question(key)) == Fault(Code.KEY_ABSENT)
    assert fault_of(question(key), Port(YubiKey())) == Fault(Code.KEY_WITHOUT_FIDO2, problem="interface")
    assert fault_of(question(key), Plugged().port) == Fault(Code.KEY_NOT_REGISTERED)


def test_a_key_enrolled_for_another_portal_does_not_sign(key: Plugged) -> None:
    elsewhere = Question(question(key).ask, "evil.example", client_data("https://evil.example", DIGEST))
    assert fault_of(elsewhere, key.port) == Fault(Code.KEY_NOT_REGISTERED)


def test_nobody_touches_and_the_key_stops_blinking() -> None:
    key = Plugged(touched=False)
    told = fault_of(question(key), key.port, timeout_s=0.3)
    assert told.code is Code.KEY_NOT_TOUCHED
    assert not key.authenticator.waiting
    assert key.authenticator.tally.cancels == 1


def test_the_key_itself_gives_up() -> None:
    key = Plugged(touched=False)
    key.authenticator.options = FidoOptions(touch_seconds=1)
    assert fault_of(question(key), key.port) == Fault(Code.KEY_NOT_TOUCHED, seconds=1)


def test_the_daemon_hangs_up_and_the_key_stops_blinking() -> None:
    key, blinks = Plugged(touched=False), threading.Event()
    told = fault_of(question(key), key.port, on_touch=blinks.set, cancelled=blinks.is_set)
    assert told == Fault(Code.CANCELLED)
    assert not key.authenticator.waiting


def test_a_pull_while_it_blinks() -> None:
    key = Plugged(touched=False)
    assert fault_of(question(key), key.port, on_touch=key.port.pull) == Fault(Code.KEY_PULLED)


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EACCES, Code.KEY_NOT_PERMITTED), (errno.EBUSY, Code.KEY_BUSY), (errno.ENODEV, Code.KEY_PULLED)],
)
def test_a_node_that_is_not_opened(key: Plugged, number: int, code: Code) -> None:
    assert fault_of(question(key), nodes=PortNodes(key.port, refuses=number)) == Fault(code)


@pytest.mark.parametrize("trouble", [Trouble.DEAF, Trouble.STALL, Trouble.SHORT, Trouble.CORRUPT, Trouble.BABBLE])
def test_nonsense_is_named_in_seconds(key: Plugged, trouble: Trouble) -> None:
    key.port.script = Script(trouble)
    began_s = time.monotonic()
    assert fault_of(question(key), key.port).code in {Code.KEY_FAILED, Code.KEY_BUSY, Code.KEY_NOT_REGISTERED}
    assert time.monotonic() - began_s < 10
    key.port.script = Script()
    assert good(key, proof(question(key), key.port))


def test_another_program_that_is_asking_keeps_the_key_busy() -> None:
    key = Plugged(touched=False)
    assert key.port.fido
    key.port.fido.write((b"\0\0\0\x63" + bytes([0x90, 0, 1, 0x0B])).ljust(64, b"\0"))
    assert key.authenticator.waiting
    began_s = time.monotonic()
    assert fault_of(question(key), key.port) == Fault(Code.KEY_BUSY)
    assert time.monotonic() - began_s < 10
    assert key.authenticator.waiting, "its wait is not ours to end"


def test_the_pin_is_in_no_message(key: Plugged) -> None:
    key.authenticator.pin.set("1234")
    told = fault_of(question(key, asked=True, pin="secret-pin"), key.port)
    assert "secret-pin" not in f"{told!r} {told} {question(key, pin='secret-pin')!r}"
    assert os.environ.get("FIDO_DEBUG") is None

"""What the worker asks of a key's FIDO2 application: the signature for one login.

A call opens the keys that are there, finds the one that knows one of the credentials without a touch, asks it, and
gives all back before it returns or raises. Raises only Fault, and whatever the caller's own callbacks raise:
    KEY_ABSENT            no YubiKey
    KEY_WITHOUT_FIDO2     a YubiKey without FIDO2 ("interface"), or no python-fido2 on this computer ("library")
    KEY_NOT_REGISTERED    none of the keys has one of the credentials
    KEY_PIN_NEEDED        the portal or the key wants the PIN, and it was not given
    KEY_PIN_UNSET         it is wanted, and the key has none
    KEY_PIN_WRONG, KEY_PIN_PAUSED, KEY_PIN_BLOCKED
    KEY_NOT_TOUCHED, KEY_PULLED, KEY_NOT_PERMITTED, KEY_BUSY, KEY_FAILED, CANCELLED
                          as of the other application (flexnetd/worker/key/door.py)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.wire.fido2 import Fido2Ask, Fido2Proof
from flexnetd.worker.fido2.faults import PIN_INVALID, fault_of_status
from flexnetd.worker.fido2.library import Fido2Key, Nonsense, Refused
from flexnetd.worker.fido2.packets import FingerWait, PacketLine
from flexnetd.worker.key.nodes import HidrawNodes, Node, Nodes
from flexnetd.worker.key.pulled import told_fault

TOUCH_S = 30.0
"""So long does a key blink."""
SHORTEST_PIN, LONGEST_PIN_BYTES = 4, 63


@dataclass(frozen=True, slots=True)
class Question:
    """`party` is the host of the portal that the profile names; `pin` what the person typed, if anything."""

    ask: Fido2Ask
    party: str
    client_data: bytes
    pin: Secret | None = None


def _never() -> bool:
    return False


def fido2_proof(
    question: Question,
    *,
    on_touch: Callable[[], None],
    cancelled: Callable[[], bool] = _never,
    timeout_s: float = TOUCH_S,
    nodes: Nodes | None = None,
) -> Fido2Proof:
    """`on_touch` is called once when the key begins to blink, `cancelled` is asked every 20 ms or so meanwhile."""
    places = nodes or HidrawNodes()
    wait = FingerWait(timeout_s, on_touch, cancelled)
    with ExitStack() as stack:
        for node in _nodes(places):
            line, key = stack.enter_context(_opened(places, node, wait))
            with _told(places, node, line):
                credential = next((one for one in question.ask.credentials if key.has(question.party, one)), None)
                if credential is not None:
                    return _asked(key, question, credential)
    raise Fault(Code.KEY_NOT_REGISTERED)


def _nodes(places: Nodes) -> list[Node]:
    found = places.find()
    with_fido = [node for node in found if node.fido]
    if not found:
        raise Fault(Code.KEY_ABSENT)
    if not with_fido:
        raise Fault(Code.KEY_WITHOUT_FIDO2, problem="interface")
    return with_fido


@contextmanager
def _opened(places: Nodes, node: Node, wait: FingerWait) -> Iterator[tuple[PacketLine, Fido2Key]]:
    try:
        packets = places.open_packets(node)
    except OSError as error:
        raise told_fault(error, places, node) from None
    line = PacketLine(packets, wait)
    try:
        with _told(places, node, line):
            key = Fido2Key(line, node.path)
        yield line, key
    finally:
        with suppress(OSError):
            line.take_back()
        packets.close()


def _asked(key: Fido2Key, question: Question, credential: bytes) -> Fido2Proof:
    pin = question.pin
    if pin is None:
        if question.ask.pin or key.wants_pin:
            raise Fault(Code.KEY_PIN_NEEDED if key.has_pin else Code.KEY_PIN_UNSET)
    elif not key.has_pin:
        raise Fault(Code.KEY_PIN_UNSET)
    elif not _could_be(pin):
        raise Fault(Code.KEY_PIN_WRONG, tries=key.pin_tries())
    client_hash = sha256(question.client_data).digest()
    try:
        made = key.assertion(question.party, client_hash, credential, None if pin is None else pin.reveal())
    except Refused as refused:
        if refused.status == PIN_INVALID:
            raise Fault(Code.KEY_PIN_WRONG, tries=key.pin_tries()) from None
        raise
    return Fido2Proof(made.credential, made.authenticator_data, question.client_data, made.signature)


def _could_be(pin: Secret) -> bool:
    text = pin.reveal()
    return len(text) >= SHORTEST_PIN and len(text.encode()) <= LONGEST_PIN_BYTES


@contextmanager
def _told(places: Nodes, node: Node, line: PacketLine) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise told_fault(error, places, node) from None
    except Refused as refused:
        raise fault_of_status(refused.status, blinked_s=line.blinked_s) from None
    except Nonsense as nonsense:
        raise told_fault(nonsense, places, node) from None

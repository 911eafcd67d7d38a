"""What the worker asks of a YubiKey: which are there, and an answer to a challenge.

A call opens a key, asks, and gives it back before it returns or raises; nothing stays open between calls. Raises only
Fault, and whatever the caller's own callbacks raise:
    KEY_ABSENT            no YubiKey
    KEY_WITHOUT_HMAC      a YubiKey without OTP ("otp-off"), or with a firmware before 2.2 ("firmware")
    KEYS_SEVERAL          more than one and no serial given
    KEY_OTHER             the key with that serial is not among those that are plugged in
    KEY_SLOT_EMPTY        told by the status, before asking
    KEY_SLOT_WRONG_KIND   the slot holds something that does not answer HMAC challenges
    KEY_NOT_TOUCHED       nobody came while it blinked
    KEY_PULLED            during the question
    KEY_NOT_PERMITTED     the node may not be opened: the udev rule is missing, or the worker not in its group
    KEY_BUSY              another worker has it, another program broke in, or it says for 2 s that it is busy
    KEY_FAILED            anything else, with a word of detail
    CANCELLED             `cancelled` said so
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.answer import chosen_key, why_not_ask
from flexnetd.worker.key.facts import KeyFacts
from flexnetd.worker.key.hid_device import OpenKey, TouchWait, TransportFailed, YubicoError, opened_key
from flexnetd.worker.key.nodes import HidrawNodes, Node, Nodes
from flexnetd.worker.key.pulled import told_fault

TOUCH_TIMEOUT_S = 15.0


def _never() -> bool:
    return False


def keys_present(nodes: Nodes | None = None) -> tuple[KeyFacts, ...]:
    """All YubiKeys that have OTP, in a stable order; () when there is none. Takes a few reports a key, no touch."""
    places = nodes or HidrawNodes()
    return tuple(_facts(places, node) for node in places.find() if node.otp)


def challenge_response(
    digest: bytes,
    *,
    slot: int,
    serial: int | None,
    timeout_s: float,
    on_touch: Callable[[], None],
    cancelled: Callable[[], bool] = _never,
    nodes: Nodes | None = None,
) -> bytes:
    """HMAC-SHA1 of `digest` (at most 63 bytes) by slot 1 or 2: 20 bytes.

    `serial` picks one of several keys. `timeout_s` is how long the key may blink (it stops by itself after 15 s).
    `on_touch` is called once when it begins to. `cancelled` is asked every 20 ms or so meanwhile.
    """
    if slot not in {1, 2}:
        raise ValueError(f"slot {slot}")
    places = nodes or HidrawNodes()
    with _open(places, _meant_node(places, serial)) as key:
        against = why_not_ask(key.status(), slot)
        if against:
            raise against
        return key.hmac_sha1(digest, slot, TouchWait(timeout_s, on_touch, cancelled))


def _meant_node(nodes: Nodes, serial: int | None) -> Node:
    """With one key and no serial to look for, the key is not asked who it is."""
    found = nodes.find()
    with_otp = [node for node in found if node.otp]
    if found and not with_otp:
        raise Fault(Code.KEY_WITHOUT_HMAC, problem="otp-off")
    if len(with_otp) == 1 and serial is None:
        return with_otp[0]
    chosen = chosen_key([_facts(nodes, node) for node in with_otp], serial)
    return next(node for node in with_otp if node.path == chosen.path)


def _facts(nodes: Nodes, node: Node) -> KeyFacts:
    with _open(nodes, node) as key:
        status = key.status()
        return KeyFacts(node.path, key.serial(), status.firmware, status.slots)


@contextmanager
def _open(nodes: Nodes, node: Node) -> Iterator[OpenKey]:
    try:
        reports = nodes.open(node)
    except OSError as error:
        raise told_fault(error, nodes, node) from None
    try:
        with opened_key(reports) as key:
            yield key
    except TransportFailed as failed:
        raise told_fault(failed.error, nodes, node) from None
    except YubicoError as error:
        raise told_fault(error, nodes, node) from None

"""The YubiKey, without touching it: is it there, may the service open it, are its slots set up? Pure.

The worker opens the key's hidraw node by its group, so who owns the node says whether a sign-in will get through;
whether the person who runs the doctor may open it is another question, and without a yes the slots stay unknown. What
kind a slot is it tells nobody: an empty one answers no sign-in, a programmed one may be the right one.
"""

from __future__ import annotations

from flexnetd.client.doctor.evidence import KeySeen
from flexnetd.client.doctor.findings import Finding, Note, Outcome, Subject
from flexnetd.client.language import msg
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.wire.worker import ProbeResult

HMAC_SLOT = 2
"""The slot that is asked by a touch; a short press types from the other one."""

_NO_USB = msg("This computer’s system does not tell what is plugged in.")
_NO_KEY = msg("This can be looked at only when a YubiKey is plugged in.")
_ONE_KEY = msg("This can be looked at only when one YubiKey alone is plugged in.")
_TOO_LATE = msg("No answer came in time. Please try again.")
_NOT_OURS = msg(
    "Your account may not look into the key; the FlexNet service may. An administrator can: sudo flexnet doctor"
)
_SLOTS = msg("Slot 1: {first}. Slot 2: {second}. What a slot is set up for, only signing in shows.")
_HALF_SET_UP = msg("Slot 1: {first}. Slot 2: {second}. Signing in by a touch needs slot 2, by a typed code slot 1.")
_SLOT_WORDS = {
    "empty": msg("empty"),
    "set": msg("set up, answers without a touch"),
    "touch": msg("set up, wants a touch"),
    "unknown": msg("not known"),
}


def key(seen: KeySeen) -> Finding:
    subject = Subject.KEY
    if seen.nodes is None:
        return Finding(subject, Outcome.UNKNOWN, note=Note(_NO_USB))
    if not seen.nodes:
        if seen.on_usb:
            without_slots = Fault(Code.KEY_WITHOUT_HMAC, problem="otp-off")
            return Finding(subject, Outcome.FAIL, ", ".join(seen.on_usb), without_slots)
        return Finding(subject, Outcome.FAIL, reason=Fault(Code.KEY_ABSENT))
    evidence = "; ".join(f"{node.product} {node.release}".strip() for node in seen.nodes) + _serials(seen)
    closed = [node for node in seen.nodes if not node.permitted]
    if closed:
        nodes = ", ".join(f"{node.node} {node.mode}" for node in closed)
        return Finding(subject, Outcome.FAIL, f"{evidence}; {nodes}", Fault(Code.KEY_NOT_PERMITTED))
    if len(seen.nodes) > 1:
        serials = _facts(seen).get("serials", "").replace(" ", ", ")
        return Finding(subject, Outcome.FAIL, evidence, Fault(Code.KEYS_SEVERAL, serials=serials))
    return Finding(subject, Outcome.PASS, evidence)


def slots(seen: KeySeen) -> Finding:
    if not seen.nodes or len(seen.nodes) > 1:
        return Finding(Subject.KEY_SLOTS, Outcome.UNKNOWN, note=Note(_ONE_KEY if seen.nodes else _NO_KEY))
    if isinstance(seen.status, Fault):
        return _not_asked(seen.status)
    words = _facts(seen).get("slots", "").split("/")
    if len(words) != 2 or not set(words) <= set(_SLOT_WORDS):
        return Finding(Subject.KEY_SLOTS, Outcome.UNKNOWN, note=Note(_TOO_LATE))
    if words == ["empty", "empty"]:
        return Finding(Subject.KEY_SLOTS, Outcome.FAIL, reason=Fault(Code.KEY_SLOT_EMPTY, slot=HMAC_SLOT))
    told = (("first", _SLOT_WORDS[words[0]]), ("second", _SLOT_WORDS[words[1]]))
    return Finding(Subject.KEY_SLOTS, Outcome.PASS, note=Note(_HALF_SET_UP if "empty" in words else _SLOTS, told))


def _not_asked(fault: Fault) -> Finding:
    if fault.code is Code.KEY_NOT_PERMITTED:
        return Finding(Subject.KEY_SLOTS, Outcome.UNKNOWN, note=Note(_NOT_OURS))
    return Finding(Subject.KEY_SLOTS, Outcome.FAIL, reason=fault)


def _facts(seen: KeySeen) -> dict[str, str]:
    return dict(seen.status.facts) if isinstance(seen.status, ProbeResult) else {}


def _serials(seen: KeySeen) -> str:
    serials = _facts(seen).get("serials", "")
    return f"; {serials.replace(' ', ', ')}" if serials else ""

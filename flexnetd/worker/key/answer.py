"""Pure: what the key's flags mean while an answer is awaited, which key is meant, and whether asking makes sense.

The theory. After a question the host reads reports, and the last byte of each tells where the key stands:
- PENDING: the answer is there.
- TOUCH: the key blinks; the low 5 bits are the seconds it will go on doing so (15 at most).
- WRITE: the key is working.
- none of them: the key is quiet. A key that was asked something it refuses (empty slot, slot of another kind, hidden
  serial) is quiet from the start: there is no refusal in the protocol. A key that blinked and was not touched turns
  quiet. Between a touch and its answer a key may be quiet for a moment, so quiet counts only after QUIET_S.
So the library's time-out alone cannot tell "slot empty", "wrong kind" and "nobody touched" apart, and takes 2 s for the
first two. Here the status is read before asking (`why_not_ask`), and what was seen on the way decides (`verdict`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.facts import HMAC_SINCE, KeyFacts, Status

WRITE = 0x80
PENDING = 0x40
TOUCH = 0x20
SECONDS_MASK = 0x1F

QUIET_S = 0.3
BUSY_S = 2.0
ANNOUNCED_SLACK_S = 1.5
"""The key tells whole seconds; a wait that ends sooner than announced minus this was ended by somebody else."""


class Verdict(Enum):
    WAIT = "wait"
    ANSWERED = "answered"
    REFUSED = "refused"
    NOT_TOUCHED = "not-touched"
    INTERRUPTED = "interrupted"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Watch:
    """What was seen since the question. Times are CLOCK_MONOTONIC seconds; None: not (any more) so.

    `touch_announced_s` is what the key said when it began to blink.
    """

    touch_since_s: float | None = None
    touch_announced_s: int = 0
    quiet_since_s: float | None = None
    busy_since_s: float | None = None
    pending: bool = False

    @property
    def blinked(self) -> bool:
        return self.touch_since_s is not None

    def blinked_s(self, now_s: float) -> float:
        return 0.0 if self.touch_since_s is None else now_s - self.touch_since_s


def watched(watch: Watch, flags: int, now_s: float) -> Watch:
    """`watch` and one more report, whose last byte is `flags`."""
    if flags & PENDING:
        return replace(watch, pending=True)
    if flags & TOUCH:
        began = watch if watch.blinked else replace(watch, touch_since_s=now_s, touch_announced_s=flags & SECONDS_MASK)
        return replace(began, quiet_since_s=None, busy_since_s=None)
    if flags & WRITE:
        since_s = now_s if watch.busy_since_s is None else watch.busy_since_s
        return replace(watch, busy_since_s=since_s, quiet_since_s=None)
    since_s = now_s if watch.quiet_since_s is None else watch.quiet_since_s
    return replace(watch, quiet_since_s=since_s, busy_since_s=None)


def verdict(watch: Watch, now_s: float, timeout_s: float) -> Verdict:
    """`timeout_s` is how long the key may blink, counted from its first blink."""
    if watch.pending:
        return Verdict.ANSWERED
    if watch.busy_since_s is not None:
        return Verdict.BUSY if now_s - watch.busy_since_s >= BUSY_S else Verdict.WAIT
    if watch.quiet_since_s is not None:
        return _verdict_of_quiet(watch, watch.quiet_since_s, now_s)
    return Verdict.NOT_TOUCHED if watch.blinked and watch.blinked_s(now_s) >= timeout_s else Verdict.WAIT


def _verdict_of_quiet(watch: Watch, quiet_since_s: float, now_s: float) -> Verdict:
    if now_s - quiet_since_s < QUIET_S:
        return Verdict.WAIT
    if not watch.blinked:
        return Verdict.REFUSED
    if watch.blinked_s(quiet_since_s) < watch.touch_announced_s - ANNOUNCED_SLACK_S:
        return Verdict.INTERRUPTED
    return Verdict.NOT_TOUCHED


def fault_of_verdict(outcome: Verdict, slot: int, blinked_s: float) -> Fault:
    """What to say of a challenge that ended in `outcome`, which is not WAIT nor ANSWERED."""
    match outcome:
        case Verdict.REFUSED:
            return Fault(Code.KEY_SLOT_WRONG_KIND, slot=slot)
        case Verdict.NOT_TOUCHED:
            return Fault(Code.KEY_NOT_TOUCHED, seconds=round(blinked_s))
        case Verdict.INTERRUPTED | Verdict.BUSY:
            return Fault(Code.KEY_BUSY)
        case Verdict.WAIT | Verdict.ANSWERED:
            raise ValueError(outcome)
        case _:
            assert_never(outcome)


def why_not_ask(status: Status, slot: int) -> Fault | None:
    """What the status alone says against an HMAC challenge to `slot`; None when asking makes sense."""
    if status.firmware < HMAC_SINCE:
        return Fault(Code.KEY_WITHOUT_HMAC, problem="firmware")
    if not status.slots[slot - 1].programmed:
        return Fault(Code.KEY_SLOT_EMPTY, slot=slot)
    return None


def chosen_key(keys: Sequence[KeyFacts], serial: int | None) -> KeyFacts:
    """The key that is meant: the one with `serial`, or the only one.

    Raises Fault: KEY_ABSENT, KEYS_SEVERAL, KEY_OTHER (the one with `serial` is not among those plugged in).
    """
    if not keys:
        raise Fault(Code.KEY_ABSENT)
    if serial is not None:
        for key in keys:
            if key.serial == serial:
                return key
        raise Fault(Code.KEY_OTHER, wanted=serial, serials=serials_text(keys))
    if len(keys) > 1:
        raise Fault(Code.KEYS_SEVERAL, serials=serials_text(keys))
    return keys[0]


def serials_text(keys: Sequence[KeyFacts]) -> str:
    """ "1234567, 7654321"; a hidden serial is "?"."""
    return ", ".join("?" if key.serial is None else str(key.serial) for key in keys)

"""One YubiKey's OTP application: what it keeps, what it answers, when it waits for a finger.

The rules:
- The host writes frames in parts and reads reports (frames.py). A read moves the response on, nothing else.
- A command that the key does not accept is answered by silence: an empty slot, one of the wrong kind, a hidden serial,
  a wrong access code. Status then stays as it is; after an accepted write the programming sequence moves by one.
- A challenge to a slot that wants a touch makes the key wait `touch_seconds`; a new frame or a reset ends the wait.
  (Assumed: a new frame ends it. `Options.new_frame_ends_wait` makes it ignored instead, as said of some old firmware.)
- Volatile: session counter, programming sequence, clock. Kept without power: slots, use counters, HOTP counters.
- Nothing runs on its own: time is asked from `clock` at each call, so a test can hold it still.
Not thread-safe; who shares a key between threads holds a lock around it.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bed.yubikey import frames, typed_text
from tests.bed.yubikey.commands import COMMANDS
from tests.bed.yubikey.frames import REPORT_BYTES, SEQUENCE_MASK, TOUCH, WRITE, Assembly, Frame, Response
from tests.bed.yubikey.slot import Extended, Kind, SlotConfig

LARGEST_USE_COUNTER = 0x7FFF


@dataclass(frozen=True, slots=True)
class Options:
    """How this key behaves. `auto_touch_s`: a finger comes that long after a wait began; None: nobody comes.
    `new_frame_ends_wait` False is the sticky wait of old firmware. `refuses`: challenges are met with silence."""

    serial: int = 12345678
    firmware: tuple[int, int, int] = (5, 4, 3)
    touch_seconds: int = 15
    write_busy_s: float = 0.0
    auto_touch_s: float | None = None
    new_frame_ends_wait: bool = True
    refuses: bool = False


@dataclass(slots=True)
class Slot:
    """A programmed slot and its counters."""

    config: SlotConfig
    use_counter: int = 0
    moving_factor: int = 0
    session_started: bool = False


@dataclass(slots=True)
class Wait:
    """A challenge that waits for a finger."""

    since_s: float
    answer: Callable[[], bytes]


@dataclass(slots=True)
class Tally:
    """What happened, for tests to look at."""

    frames: list[int] = field(default_factory=list)
    resets: int = 0
    touches: int = 0
    reads: int = 0


class YubiKey:
    def __init__(self, options: Options = Options(), clock: Callable[[], float] = time.monotonic) -> None:  # noqa: B008
        self.options = options
        self.slots: dict[int, Slot] = {}
        self.tally = Tally()
        self._clock = clock
        self.held = False
        self.power_up()

    # -- power, fingers ------------------------------------------------------------------------------------------------

    def power_up(self) -> None:
        """What plugging in does: everything volatile begins anew."""
        self._assembly = Assembly()
        self._response: Response | None = None
        self._wait: Wait | None = None
        self._busy_until_s = 0.0
        self._session_counter = 0
        self._started_s, self._first_stamp = self._clock(), int.from_bytes(os.urandom(2), "big")
        self.programming_sequence = 1 if self.slots else 0
        for slot in self.slots.values():
            slot.session_started = False

    def program(self, number: int, config: SlotConfig | None) -> None:
        """Programs slot `number` (1, 2), as if it came so from its maker; None empties it."""
        self.store(number, config)
        self.programming_sequence = max(self.programming_sequence, 1) if self.slots else 0

    def store(self, number: int, config: SlotConfig | None) -> None:
        self.slots.pop(number, None)
        if config:
            self.slots[number] = Slot(config, moving_factor=config.first_counter)

    @property
    def waiting(self) -> bool:
        """True while the key blinks."""
        self._pass_time()
        return self._wait is not None

    def touch(self) -> bool:
        """A finger, now. False if the key was not waiting for one (then nothing happens; `press` types)."""
        self._pass_time()
        if self._wait is None or self.held:
            return False
        self._answer_the_wait(self._wait)
        return True

    def hold(self, *, held: bool) -> None:
        """A finger that lies on the key. The sensor takes a finger's coming for a touch, not its lying there: it ends
        the wait that there is, and no later one until it was taken away. (Assumed.)"""
        if held and not self.held:
            self.touch()
        self.held = held

    def press(self, number: int = 1) -> str:
        """A short (slot 1) or long (slot 2) press: the text that the key types, "" if the slot types nothing."""
        if self.held or self.touch() or number not in self.slots:
            return ""
        slot = self.slots[number]
        if slot.config.extended & Extended.DORMANT:
            return ""
        match slot.config.kind:
            case Kind.YUBICO_OTP:
                return typed_text.otp_text(slot.config, self.next_otp_block(slot, slot.config.uid))
            case Kind.STATIC:
                return typed_text.static_text(slot.config)
            case Kind.HOTP:
                slot.moving_factor += 1
                return typed_text.hotp_text(slot.config, slot.moving_factor - 1)
            case Kind.HMAC | Kind.OTP_CHALLENGE:
                return ""

    # -- feature reports -----------------------------------------------------------------------------------------------

    def read(self) -> bytes:
        """The next feature report, 8 bytes."""
        self.tally.reads += 1
        self._pass_time()
        return self._response.next_report() if self._response else self._status_report()

    def write(self, report: bytes) -> None:
        """Takes one feature report, 8 bytes."""
        if len(report) != REPORT_BYTES or not report[-1] & WRITE:
            return
        part = report[-1] & SEQUENCE_MASK
        if part > frames.LAST_PART:
            self.tally.resets += 1
            self._drop()
            return
        if self._wait and not self.options.new_frame_ends_wait:
            return
        if part == 0:
            self._drop()
        frame = self._assembly.add(report)
        if frame:
            self._carry_out(frame)

    def respond(self, data: bytes) -> None:
        self._response = Response(data)

    def respond_after_touch(self, answer: Callable[[], bytes]) -> None:
        self._wait = Wait(self._clock(), answer)

    def programmed(self) -> None:
        """A write was accepted."""
        self.programming_sequence = self.programming_sequence + 1 & 0xFF if self.slots else 0
        self._busy_until_s = self._clock() + self.options.write_busy_s

    def next_otp_block(self, slot: Slot, uid: bytes) -> bytes:
        """Moves the counters of `slot` and encrypts them with `uid`: 16 bytes."""
        if not slot.session_started:
            slot.session_started = True
            self._session_counter = 0
            slot.use_counter = min(slot.use_counter + 1, LARGEST_USE_COUNTER)
        elif self._session_counter == 0xFF:
            self._session_counter = 0
            slot.use_counter = min(slot.use_counter + 1, LARGEST_USE_COUNTER)
        else:
            self._session_counter += 1
        stamp = self._first_stamp + int((self._clock() - self._started_s) * 8)
        return typed_text.otp_block(
            slot.config.key, uid, slot.use_counter, self._session_counter, stamp & 0xFFFFFF, os.urandom(2)
        )

    # -- inside --------------------------------------------------------------------------------------------------------

    def _carry_out(self, frame: Frame) -> None:
        self.tally.frames.append(frame.command)
        command = COMMANDS.get(frame.command)
        if command:
            command(self, frame.payload)

    def _drop(self) -> None:
        self._wait, self._response = None, None

    def _pass_time(self) -> None:
        if self._wait is None:
            return
        waited_s = self._clock() - self._wait.since_s
        auto_s = self.options.auto_touch_s
        if auto_s is not None and not self.held and auto_s < self.options.touch_seconds and waited_s >= auto_s:
            self._answer_the_wait(self._wait)
        elif waited_s >= self.options.touch_seconds:
            self._wait = None

    def _answer_the_wait(self, wait: Wait) -> None:
        self.tally.touches += 1
        self._wait = None
        self.respond(wait.answer())

    def _status_report(self) -> bytes:
        flags = WRITE if self._clock() < self._busy_until_s else 0
        if self._wait:
            left_s = self.options.touch_seconds - (self._clock() - self._wait.since_s)
            flags |= TOUCH | min(int(left_s) + 1, SEQUENCE_MASK)
        return struct.pack("<B3BBHB", 0, *self.options.firmware, self.programming_sequence, self._touch_level(), flags)

    def _touch_level(self) -> int:
        """Bits 1, 2: slot is valid (from 2.1); 4, 8: slot wants a touch (from 3.0)."""
        level = 0
        for number, slot in self.slots.items():
            if self.options.firmware >= (2, 1, 0):
                level |= number
            if self.options.firmware >= (3, 0, 0) and slot.config.needs_touch:
                level |= number << 2
        return level

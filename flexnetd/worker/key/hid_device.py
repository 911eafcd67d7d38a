"""python-yubico's device class over a hidraw node. The one module that imports python-yubico.

What is ours here, and why:
- `_open`, `_close`, `_read`, `_raw_write`: the transport, hidraw instead of libusb (see the package's docstring).
- `_waitfor`: the library's own doubles its sleep up to half a second, which a person feels after the touch, cannot be
  cancelled, and ends in one kind of time-out for everything. Ours watches the flags (answer.py).
- the reset report before starting and after whatever went wrong: a question that nobody waits for any more stays in the
  key, swallows the person's next press and leaves its answer to whoever reads next.
Everything else, the frames, the padding, the CRCs, is the library's.

The base class of all models, YubiKeyUSBHID, is used for each: the newer ones add a question about capabilities at every
opening and nothing that is needed here.

The environment is scrubbed before the import: PYUSB_DEBUG makes pyusb log every transfer, challenge and answer
included. The library compares literals with `is`, which newer Pythons say once, when they compile it.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.answer import BUSY_S, Verdict, Watch, fault_of_verdict, verdict, watched
from flexnetd.worker.key.facts import SERIAL_SINCE, Status, status_from_fields
from flexnetd.worker.key.nodes import FeatureReports

for _name in ("PYUSB_DEBUG", "PYUSB_LOG_FILENAME", "LIBUSB_DEBUG"):
    os.environ.pop(_name, None)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from yubico.yubico_exception import YubicoError
    from yubico.yubikey_usb_hid import YubiKeyHIDDevice, YubiKeyUSBHID, YubiKeyUSBHIDError

__all__ = ["OpenKey", "TouchWait", "TransportFailed", "YubicoError", "opened_key"]

LONGEST_CHALLENGE_BYTES = 63
"""A variable-length slot drops the trailing bytes that equal the 64th, so a 64th byte of a message would get lost."""

_REPORT_BYTES = 8
_RESET_REPORT = bytes([0, 0, 0, 0, 0, 0, 0, 0x8F])
_POLL_S = 0.005
_TOUCH_POLL_S = 0.02
_NO_TOUCH_S = 20.0


@dataclass(frozen=True, slots=True)
class TouchWait:
    """`timeout_s` counts from the first blink. `on_touch` is called once, when the key begins to blink. `cancelled` is
    asked at each look at the key; once it says yes, the question is taken back. What they raise passes through."""

    timeout_s: float
    on_touch: Callable[[], None]
    cancelled: Callable[[], bool]


class TransportFailed(Exception):  # noqa: N818 - what happened
    """The node's OSError, kept apart from what a caller's callback may raise."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.errno)
        self.error = error


class _Unanswered(Exception):  # noqa: N818
    def __init__(self, outcome: Verdict, blinked_s: float) -> None:
        super().__init__(outcome.value)
        self.outcome, self.blinked_s = outcome, blinked_s


_NO_TOUCH = TouchWait(_NO_TOUCH_S, lambda: None, lambda: False)


class _HidrawDevice(YubiKeyHIDDevice):  # type: ignore[misc]  # the library has no types
    """`_usb_handle` stays None, so that the library's `__del__` closes nothing."""

    def __init__(self, reports: FeatureReports) -> None:
        self._reports = reports
        self.touch_wait = _NO_TOUCH
        super().__init__(debug=False)

    def _open(self, skip: int = 0) -> bool:
        del skip
        self._write_reset()
        return True

    def _close(self) -> bool:
        return True

    def _read(self) -> bytes:
        try:
            report = self._reports.read()
        except OSError as error:
            raise TransportFailed(error) from None
        if len(report) != _REPORT_BYTES:
            raise YubiKeyUSBHIDError("short read")
        return report

    def _raw_write(self, data: bytes, debug_str: str | None = None) -> int:
        del debug_str
        try:
            self._reports.write(data)
        except OSError as error:
            raise TransportFailed(error) from None
        return _REPORT_BYTES

    def _waitfor(self, mode: str, mask: int, may_block: bool, timeout: float = BUSY_S) -> bytes:
        """Until all bits of `mask` are not set any more ("nand"), or an answer is pending ("and")."""
        del may_block
        return self._wait_for_clear(mask, timeout) if mode == "nand" else self._wait_for_answer()

    def _wait_for_clear(self, mask: int, timeout_s: float) -> bytes:
        until_s = time.monotonic() + timeout_s
        while True:
            report = self._read()
            if report[-1] & mask != mask:
                return report
            if time.monotonic() >= until_s:
                raise _Unanswered(Verdict.BUSY, 0)
            time.sleep(_POLL_S)

    def _wait_for_answer(self) -> bytes:
        wait, watch = self.touch_wait, Watch()
        while True:
            if wait.cancelled():
                raise Fault(Code.CANCELLED)
            report, now_s = self._read(), time.monotonic()
            before, watch = watch, watched(watch, report[-1], now_s)
            outcome = verdict(watch, now_s, wait.timeout_s)
            if outcome is Verdict.ANSWERED:
                return report
            if outcome is not Verdict.WAIT:
                raise _Unanswered(outcome, watch.blinked_s(now_s))
            if watch.blinked and not before.blinked:
                wait.on_touch()
            time.sleep(_TOUCH_POLL_S if watch.blinked else _POLL_S)


class OpenKey:
    """A key that is ours for the moment. Everything raises Fault, TransportFailed or YubicoError."""

    def __init__(self, reports: FeatureReports) -> None:
        try:
            self._device = _HidrawDevice(reports)
        except _Unanswered:
            raise Fault(Code.KEY_BUSY) from None
        self._key: Any = YubiKeyUSBHID(debug=False, hid_device=self._device)

    def status(self) -> Status:
        told = self._key.status()
        return status_from_fields(told.ykver(), told.touch_level, told.flags)

    def serial(self) -> int | None:
        """None from a key that hides it, or is too old to have one that can be asked for."""
        if self._key.version_num() < SERIAL_SINCE:
            return None
        try:
            serial = int(self._key.serial(may_block=False))
        except _Unanswered as unanswered:
            if unanswered.outcome is Verdict.REFUSED:
                return None
            raise Fault(Code.KEY_BUSY) from None
        return serial & 0xFFFFFFFF

    def hmac_sha1(self, challenge: bytes, slot: int, wait: TouchWait) -> bytes:
        """The 20 bytes that variable-length slot `slot` (1, 2) answers to at most 63 bytes."""
        if len(challenge) > LONGEST_CHALLENGE_BYTES:
            raise ValueError("challenge too long")
        self._device.touch_wait = wait
        try:
            answer = self._key.challenge_response(challenge, mode="HMAC", slot=slot, variable=True, may_block=True)
        except _Unanswered as unanswered:
            raise fault_of_verdict(unanswered.outcome, slot, unanswered.blinked_s) from None
        finally:
            self._device.touch_wait = _NO_TOUCH
        return bytes(answer)


@contextmanager
def opened_key(reports: FeatureReports) -> Iterator[OpenKey]:
    """Inside, the key is ours. Whatever happens, no question stays in it and the node is closed afterwards."""
    try:
        yield OpenKey(reports)
    finally:
        with suppress(OSError):
            reports.write(_RESET_REPORT)
        reports.close()

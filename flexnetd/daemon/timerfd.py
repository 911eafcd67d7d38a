"""timerfd by ctypes: Python has it from 3.13 on, Debian 12 brings 3.11.

The clock is CLOCK_BOOTTIME, which counts the time asleep: a session's end is an end. A timer on the wall clock serves
only to learn that somebody set it.
"""

from __future__ import annotations

import ctypes
import os
import time

_libc = ctypes.CDLL(None, use_errno=True)
_CLOCK_BOOTTIME = 7
_TFD_TIMER_ABSTIME = 1
_TFD_TIMER_CANCEL_ON_SET = 2
_NEVER_S = 9_000_000_000
"""Since 1970, and still a number of nanoseconds that the kernel can count: the year 2255."""


class _TimeSpec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("interval", _TimeSpec), ("value", _TimeSpec))


def boottime_s() -> float:
    """Seconds since boot, time asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def new_timer() -> int:
    """The descriptor of a timer that is not armed."""
    return _new_timer(_CLOCK_BOOTTIME)


def new_wall_clock_timer() -> int:
    """The same for `arm_until_set`."""
    return _new_timer(time.CLOCK_REALTIME)


def arm_until_set(fd: int) -> None:
    """Makes `fd` readable when the wall clock is set; reading it is then ECANCELED."""
    _set(fd, _TFD_TIMER_ABSTIME | _TFD_TIMER_CANCEL_ON_SET, _TimeSpec(_NEVER_S, 0))


def arm(fd: int, deadline_s: float | None) -> None:
    """Makes `fd` readable at `deadline_s` of CLOCK_BOOTTIME, at once when that is past; None disarms."""
    nanoseconds = 0 if deadline_s is None else max(int(deadline_s * 1e9), 1)
    _set(fd, _TFD_TIMER_ABSTIME, _TimeSpec(*divmod(nanoseconds, 1_000_000_000)))


def _new_timer(clock: int) -> int:
    fd = int(_libc.timerfd_create(clock, os.O_CLOEXEC | os.O_NONBLOCK))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create")
    return fd


def _set(fd: int, flags: int, value: _TimeSpec) -> None:
    spec = _TimerSpec(_TimeSpec(0, 0), value)
    if _libc.timerfd_settime(fd, flags, ctypes.byref(spec), None) < 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime")

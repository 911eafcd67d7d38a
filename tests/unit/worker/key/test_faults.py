"""An exception on the way to the key means one of few things."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.key.faults import fault_from_exception
from flexnetd.worker.key.hid_device import YubicoError


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.EACCES, Fault(Code.KEY_NOT_PERMITTED)),
        (errno.EPERM, Fault(Code.KEY_NOT_PERMITTED)),
        (errno.ENODEV, Fault(Code.KEY_PULLED)),
        (errno.ENOENT, Fault(Code.KEY_PULLED)),
        (errno.EBUSY, Fault(Code.KEY_BUSY)),
        (errno.EPIPE, Fault(Code.KEY_FAILED, detail="EPIPE")),
        (4711, Fault(Code.KEY_FAILED, detail="4711")),
    ],
)
def test_an_errno_says_what_happened(number: int, fault: Fault) -> None:
    assert fault_from_exception(OSError(number, "")) == fault


@pytest.mark.parametrize(
    ("make", "detail"),
    [
        (lambda: YubicoError("Read from device failed CRC check"), "Read from device failed CRC check"),
        (lambda: YubicoError("x" * 200), "x" * 80),
        (lambda: TypeError("'int' object is not callable"), "TypeError"),
        (lambda: OSError("without a number"), "OSError"),
    ],
)
def test_anything_else_is_told_in_a_word_or_the_librarys_reason(make: Callable[[], Exception], detail: str) -> None:
    assert fault_from_exception(make()) == Fault(Code.KEY_FAILED, detail=detail)

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.worker.fido2.faults import fault_of_status


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (0x31, Fault(Code.KEY_PIN_WRONG, tries=3)),
        (0x33, Fault(Code.KEY_PIN_WRONG, tries=3)),
        (0x34, Fault(Code.KEY_PIN_PAUSED)),
        (0x32, Fault(Code.KEY_PIN_BLOCKED)),
        (0x35, Fault(Code.KEY_PIN_UNSET)),
        (0x36, Fault(Code.KEY_PIN_NEEDED)),
        (0x2E, Fault(Code.KEY_NOT_REGISTERED)),
        (0x22, Fault(Code.KEY_NOT_REGISTERED)),
        (0x2F, Fault(Code.KEY_NOT_TOUCHED, seconds=15)),
        (0x27, Fault(Code.KEY_NOT_TOUCHED, seconds=15)),
        (0x2D, Fault(Code.KEY_BUSY)),
        (0x06, Fault(Code.KEY_BUSY)),
        (0x7F, Fault(Code.KEY_FAILED, detail="CTAP 0x7f")),
    ],
)
def test_each_status_has_its_code(status: int, fault: Fault) -> None:
    assert fault_of_status(status, tries=3, blinked_s=14.8) == fault

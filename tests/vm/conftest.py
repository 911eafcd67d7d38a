"""Each Debian is booted once for all the tests of this folder, and its operator comes when the first test needs it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.bed.vm.operator import Member, OperatorInside, operator_inside
from tests.bed.vm.workstation import VmWorkstation, vm_workstation

ANNA = Member("anna", "Kirschbaum-im-Garten-7", secrets.token_bytes(20).hex())


@pytest.fixture(scope="session", params=["bookworm", "trixie"])
def place(request: pytest.FixtureRequest) -> Iterator[VmWorkstation]:
    with vm_workstation(request.param) as place:
        place.key.program_otp(1, bytes.fromhex("ff0000111122"), bytes(range(6)), bytes(range(16)))
        place.key.program_hmac(2, bytes.fromhex(ANNA.hmac_secret))
        yield place


@pytest.fixture(scope="session")
def operator(place: VmWorkstation) -> Iterator[OperatorInside]:
    with operator_inside(place.vm, [ANNA]) as operator:
        yield operator

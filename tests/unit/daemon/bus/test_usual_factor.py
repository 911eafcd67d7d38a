"""Which factor a sign-in gets whose caller chose none."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from flexnetd.daemon.bus.profile import Desk, ProfilePart
from flexnetd.model.factor import Factor
from flexnetd.model.profile import Profile
from tests.unit.daemon.samples import PROFILE


class Usable:
    def __init__(self, *factors: Factor) -> None:
        self._factors = factors

    def factors(self, _profile: Profile) -> tuple[Factor, ...]:
        return self._factors


@pytest.mark.parametrize(
    ("usable", "usual"),
    [
        ((Factor.FIDO2, Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP), Factor.YUBIKEY_HMAC),
        ((Factor.FIDO2, Factor.YUBICO_OTP), Factor.FIDO2),
        ((Factor.YUBICO_OTP,), Factor.YUBICO_OTP),
        ((), Factor.YUBIKEY_HMAC),
    ],
)
def test_the_key_that_was_handed_out_is_taken_before_a_security_key(usable: tuple[Factor, ...], usual: Factor) -> None:
    profile = replace(PROFILE, weakest_factor=Factor.YUBIKEY_HMAC)
    assert ProfilePart(profile, cast("Desk", Usable(*usable)))._usual() is usual

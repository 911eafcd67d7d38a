"""A phisher offers the weaker factor, whose code he can relay. An account that has a bound factor cannot use another.

The portal's half; the client refuses whatever is below the profile's weakest factor by itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import PASSWORD, HmacKey, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused


def refusal(portal: PortalUnderTest, otp: str, password: str = PASSWORD) -> Refused:
    with pytest.raises(Refused) as told:
        PortalClient(portal, factor=Factor.YUBICO_OTP).sign_in(lambda _digest: otp, password)
    return told.value


def test_downgrade_is_refused(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        key = OtpKey()
        portal.enrol_otp("alice", key)
        told = refusal(portal, key.press())
        assert (told.code, told.facts) == ("FN-207", {"factor": "yubico-otp", "weakest": "yubikey-hmac"})
        assert refusal(portal, key.press(), "wrong password").code == "FN-201", "told only when both were right"
        assert portal.admin("session", "list") == []
        otp = key.press()
        refusal(portal, otp)
        assert refusal(portal, otp).code == "FN-202", "and the code is burned nevertheless"
        assert PortalClient(portal).sign_in().configs


def test_the_bound_key_counts_as_long_as_it_is_not_locked(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        otp_key, bound = OtpKey(), HmacKey()
        portal.add_user("both")
        portal.enrol_otp("both", otp_key)
        client = PortalClient(portal, "both", Factor.YUBICO_OTP)
        assert client.sign_in(lambda _digest: otp_key.press()).configs
        key_id = portal.enrol_hmac("both", bound)
        with pytest.raises(Refused) as told:
            client.sign_in(lambda _digest: otp_key.press())
        assert told.value.code == "FN-207"
        portal.admin("key", "lock", "both", key_id)
        assert client.sign_in(lambda _digest: otp_key.press()).configs

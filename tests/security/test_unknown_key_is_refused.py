"""yubikey-val makes a row for a key that it has never seen. Here only a key that is enrolled for this user counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused, pressing


def refusal(portal: PortalUnderTest, user: str, key: OtpKey) -> str:
    with pytest.raises(Refused) as told:
        PortalClient(portal, user, Factor.YUBICO_OTP).sign_in(pressing(key))
    return told.value.code


def test_unknown_key_is_refused(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path) as portal:
        owned, other, unknown = OtpKey(), OtpKey(), OtpKey()
        for user, key in (("typing", owned), ("other", other)):
            portal.add_user(user)
            portal.enrol_otp(user, key)
        assert refusal(portal, "typing", unknown) == "FN-201"
        assert refusal(portal, "typing", other) == "FN-201", "somebody else's key"
        forged = OtpKey(public_id=owned.public_id)
        assert refusal(portal, "typing", forged) == "FN-201", "the public id alone is no key"
        assert len(portal.admin("key", "list", "typing")) == 1
        assert PortalClient(portal, "other", Factor.YUBICO_OTP).sign_in(pressing(other)).configs, "not burned by others"
        assert PortalClient(portal, "typing", Factor.YUBICO_OTP).sign_in(pressing(owned)).configs

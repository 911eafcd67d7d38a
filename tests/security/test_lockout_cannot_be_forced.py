"""privacyidea 3741: a stranger's failures locked the owner out. Here they slow the stranger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bed.portal_on_loopback import PASSWORD, HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

LIMITS = "[limits]\nper-account-and-source = 5\nper-source = 12\nper-key = 3\nwindow-s = 600\n"
STRANGER = "127.0.0.66"


def failed(portal: PortalUnderTest, user: str, source: str, password: str = "") -> str:
    """The code that a wrong key gets; with a `password` the right key and that password."""
    prove = portal.hmac_key.answer if password else HmacKey().answer
    with pytest.raises(Refused) as told:
        PortalClient(portal, user, source=source).sign_in(prove, password or PASSWORD)
    if told.value.code == "FN-210":
        assert 0 < int(told.value.facts["retry_after_s"]) <= 600
        assert told.value.status == 429
    return told.value.code


def test_lockout_cannot_be_forced(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=LIMITS) as portal:
        owner = PortalClient(portal)
        assert [failed(portal, "alice", STRANGER) for _ in range(6)] == ["FN-201"] * 5 + ["FN-210"]
        assert owner.sign_in().configs, "from elsewhere"
        for number in range(20):
            failed(portal, "alice", f"127.0.1.{number + 1}")
        assert owner.sign_in().configs, "however many strangers there are"
        assert failed(portal, "alice", STRANGER) == "FN-210", "the stranger waits"


def test_a_name_that_nobody_has_is_limited_alike(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=LIMITS) as portal:
        for user in ("alice", "nobody"):
            codes = [failed(portal, user, STRANGER) for _ in range(6)]
            assert codes == ["FN-201"] * 5 + ["FN-210"], user
        assert failed(portal, "third", STRANGER) == "FN-210", "12 tries from one source"
        assert failed(portal, "third", "127.0.0.67") == "FN-201"


def test_good_sign_ins_use_nothing_up(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=LIMITS) as portal:
        for _ in range(4):
            for _ in range(2):
                assert failed(portal, "alice", "127.0.0.1", "wrong password") == "FN-201"
            assert PortalClient(portal).sign_in().configs


def test_a_thief_of_the_key_cannot_guess_the_password_from_many_places(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=LIMITS) as portal:
        codes = [failed(portal, "alice", f"127.0.2.{number + 1}", "wrong password") for number in range(5)]
        assert codes == ["FN-201"] * 3 + ["FN-210"] * 2
        spare = HmacKey()
        portal.enrol_hmac("alice", spare)
        assert PortalClient(portal).sign_in(spare.answer).configs, "the owner's other key is not touched"

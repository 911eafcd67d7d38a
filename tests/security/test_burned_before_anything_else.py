"""A one-time password came back to life when the sign-in around it was rolled back. Here it is burned in a transaction
of its own before anything else is looked at: whatever fails later, the same one never works again."""

from __future__ import annotations

import http.client
import threading
import time
from pathlib import Path

import pytest

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import PASSWORD, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

QUICK = "[sessions]\ngateway-wait-ms = 300\n[limits]\nper-account-and-source = 1000\nper-key = 1000\n"
KILLS = 7


def outcome(portal: PortalUnderTest, otp: str, password: str = PASSWORD, new_password: str = "") -> str:
    client = PortalClient(portal, "typing", Factor.YUBICO_OTP)
    try:
        client.sign_in(lambda _digest: otp, password, new_password)
    except Refused as told:
        return told.code
    return "grant"


def with_user(portal: PortalUnderTest) -> OtpKey:
    key = OtpKey()
    portal.add_user("typing")
    portal.enrol_otp("typing", key)
    return key


def test_burned_before_anything_else(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK) as portal:
        key = with_user(portal)
        otp = key.press()
        assert outcome(portal, otp, "wrong password") == "FN-201"
        assert outcome(portal, otp) == "FN-202", "after a wrong password"
        portal.gateway.confirming = False
        otp = key.press()
        assert outcome(portal, otp) == "FN-214"
        portal.gateway.confirming = True
        assert outcome(portal, otp) == "FN-202", "after the gateways' time-out"
        otp = key.press()
        assert outcome(portal, otp, new_password="short") == "FN-217"
        assert outcome(portal, otp) == "FN-202", "after a password too weak"
        portal.admin("user", "lock", "typing")
        otp = key.press()
        assert outcome(portal, otp) == "FN-205"
        portal.admin("user", "unlock", "typing")
        assert outcome(portal, otp) == "FN-202", "after a locked account"
        portal.admin("gateway", "down", "gw1")
        otp = key.press()
        assert outcome(portal, otp) == "FN-214"
        portal.admin("gateway", "activate", "gw1")
        assert outcome(portal, otp) == "FN-202", "after no gateway at all"
        otp = key.press()
        assert outcome(portal, otp) == "grant"
        assert outcome(portal, otp) == "FN-202"


def test_no_address_left_burns_it_too(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK, pool="10.90.0.0/30") as portal:
        key = with_user(portal)
        assert [outcome(portal, key.press()) for _ in range(2)] == ["grant", "grant"]
        otp = key.press()
        assert outcome(portal, otp) == "FN-213"
        for line in portal.admin("session", "list"):
            portal.admin("session", "end", line.split("\t")[0])
        assert outcome(portal, otp) == "FN-202"


def test_a_portal_killed_at_any_moment_lets_no_code_work_twice(tmp_path: Path) -> None:
    """Killed ever later into a finish: a code either was never looked at, or is burned."""
    with portal_on_loopback(tmp_path, more_config=QUICK) as portal:
        key = with_user(portal)
        for number in range(KILLS):
            otp = key.press()
            first = killed_during(portal, otp, after_s=number * 0.006)
            portal.start()
            sessions_before = len(portal.admin("session", "list"))
            second = outcome(portal, otp)
            assert second in {"grant", "FN-202"}
            assert not (first == "grant" and second == "grant")
            if second == "grant":
                assert len(portal.admin("session", "list")) == sessions_before + 1
            assert outcome(portal, otp) == "FN-202"


def killed_during(portal: PortalUnderTest, otp: str, after_s: float) -> str:
    client = PortalClient(portal, "typing", Factor.YUBICO_OTP)
    begun, public_key = client.begin()
    told: list[str] = []

    def finish() -> None:
        try:
            client.finish(begun, public_key, otp)
        except Refused as refused:
            told.append(refused.code)
        except (OSError, http.client.HTTPException):
            told.append("killed")
        else:
            told.append("grant")

    thread = threading.Thread(target=finish)
    thread.start()
    time.sleep(after_s)  # not a wait for something: the moment of the kill is what is varied
    portal.kill()
    thread.join(30)
    return told[0]


def test_what_was_never_burned_is_not_told_as_used(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=QUICK) as portal:
        with_user(portal)
        with pytest.raises(Refused) as told:
            PortalClient(portal, "typing", Factor.YUBICO_OTP).sign_in(lambda _digest: OtpKey().press())
        assert told.value.code == "FN-201"

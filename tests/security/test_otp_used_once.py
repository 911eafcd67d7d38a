"""yubikey-val and privacyIDEA read the counter, then wrote it: two requests at once both passed.

Here the same one-time password is sent 200 times at once to two portals on one PostgreSQL, each try with a login of its
own: one success.
"""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused
from tests.integration.portal.postgres import postgresql

TRIES = 200
UNLIMITED = "[limits]\nper-source = 100000\nper-account-and-source = 100000\nper-key = 100000\n"


def test_otp_used_once(tmp_path: Path) -> None:
    with postgresql() as url, portal_on_loopback(tmp_path, database=url, more_config=UNLIMITED) as first:
        key = OtpKey()
        first.add_user("typing")
        first.enrol_otp("typing", key)
        second = first.sibling()
        second.start()
        try:
            outcomes = tries_at_once((first, second), key.press())
        finally:
            second.stop()
    assert outcomes == {"grant": 1, "FN-202": TRIES - 1}


def tries_at_once(portals: tuple[PortalUnderTest, PortalUnderTest], otp: str) -> Counter[str]:
    begun = [
        (client, *client.begin())
        for client in (PortalClient(portals[n % 2], "typing", Factor.YUBICO_OTP) for n in range(TRIES))
    ]
    at_once = threading.Barrier(TRIES)

    def outcome(number: int) -> str:
        client, login, public_key = begun[number]
        at_once.wait()
        try:
            client.finish(login, public_key, otp)
        except Refused as told:
            return told.code
        return "grant"

    with ThreadPoolExecutor(TRIES) as pool:
        return Counter(pool.map(outcome, range(TRIES)))

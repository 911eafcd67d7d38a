"""A password hash costs memory and time on purpose, so it must not be had for nothing. Here no hash is computed without
a valid proof, and with valid ones at most as many at a time as there are cores."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bed.portal_on_loopback import HmacKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

HASH_MIB = 128
COSTLY = f"[passwords]\nargon2-memory-kib = {HASH_MIB * 1024}\nargon2-passes = 2\n"
UNLIMITED = "[limits]\nper-source = 100000\nper-account-and-source = 100000\nper-key = 100000\n"


def peak_mib(portal: PortalUnderTest) -> float:
    """The most memory that the process ever had resident."""
    status = Path(f"/proc/{portal.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def timed(portal: PortalUnderTest, key: HmacKey, password: str) -> float:
    before = time.perf_counter()
    with pytest.raises(Refused):
        PortalClient(portal).sign_in(key.answer, password)
    return time.perf_counter() - before


def test_argon_is_behind_the_proof(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=COSTLY + UNLIMITED) as portal:
        before = peak_mib(portal)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _number: timed(portal, HmacKey(), "wrong password"), range(200)))
        assert peak_mib(portal) - before < HASH_MIB / 2, "no hash was computed"
        alone = timed(portal, HmacKey(), "wrong password")
        proven = timed(portal, portal.hmac_key, "wrong password")
        assert peak_mib(portal) - before > HASH_MIB / 2, "a valid proof is worth a hash, so this test can fail"
        assert proven > 3 * alone


def test_memory_is_bounded_by_the_cores(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=COSTLY + UNLIMITED) as portal:
        before = peak_mib(portal)
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda _number: timed(portal, portal.hmac_key, "wrong password"), range(12)))
        cores = os.cpu_count() or 1
        assert peak_mib(portal) - before < HASH_MIB * cores + 64


def test_requests_that_are_no_logins_cost_next_to_nothing(tmp_path: Path) -> None:
    with portal_on_loopback(tmp_path, more_config=COSTLY) as portal:
        before = peak_mib(portal)
        body = b'{"login":"' + b"A" * 400 + b'","proof":"x","password":"x"}'
        for _ in range(200):
            assert portal.ask("POST", "/v1/logins/finish", body)[1]["code"] == "FN-208"
        assert peak_mib(portal) - before < HASH_MIB / 2
        assert PortalClient(portal).sign_in().configs, "and lock nobody out"

"""DefGuard DG25-1: answers and times told which users exist. Here known and unknown users get the same of both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import pytest

from flexnetd.model.factor import Factor
from tests.bed.portal_on_loopback import HmacKey, OtpKey, PortalUnderTest, portal_on_loopback
from tests.integration.portal.client import PortalClient, Refused

ROUNDS = 60


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalUnderTest]:
    limits = "[limits]\nper-source = 100000\nper-account-and-source = 100000\n"
    # A real password hash: if one were computed for one kind of user only, it would stand out.
    passwords = "[passwords]\nargon2-memory-kib = 19456\n"
    with portal_on_loopback(tmp_path_factory.mktemp("portal"), more_config=limits + passwords) as made:
        made.admin("user", "add", "without-key")
        yield made


@pytest.mark.parametrize("factor", [Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP])
def test_users_cannot_be_enumerated(portal: PortalUnderTest, factor: Factor) -> None:
    answers: dict[str, set[tuple[int, str, tuple[str, ...]]]] = {}
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for user in ("alice", "nobody", "without-key"):
            before = time.perf_counter()
            told = refusal(PortalClient(portal, user, factor))
            times.setdefault(user, []).append(time.perf_counter() - before)
            answers.setdefault(user, set()).add((told.status, told.code, tuple(told.facts)))
    assert answers["alice"] == answers["nobody"] == answers["without-key"] == {(401, "FN-201", ())}
    known, unknown, keyless = (statistics.median(times[user]) for user in ("alice", "nobody", "without-key"))
    noise = statistics.quantiles(times["alice"], n=4)
    allowed = max(0.003, noise[2] - noise[0])
    assert abs(known - unknown) < allowed
    assert abs(known - keyless) < allowed


def refusal(client: PortalClient) -> Refused:
    wrong = HmacKey().answer if client.factor is Factor.YUBIKEY_HMAC else lambda _digest: OtpKey().press()
    with pytest.raises(Refused) as told:
        client.sign_in(wrong)
    return told.value


def test_beginning_tells_nothing_either(portal: PortalUnderTest) -> None:
    lengths = {len(PortalClient(portal, user).begin()[0].login) for user in ("alice", "nobod")}
    assert len(lengths) == 1

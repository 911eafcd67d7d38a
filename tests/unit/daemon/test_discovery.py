from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flexnetd.daemon.discovery import Discoveries
from flexnetd.daemon.worker_client import WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Trust
from flexnetd.wire.portal import Discovery
from tests.unit.daemon.running import Running
from tests.unit.daemon.samples import DISCOVERY, NOTICE, PROFILE
from tests.unit.daemon.scripted_worker import ScriptedWorker

Found = Discovery | Fault


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[ScriptedWorker]:
    scripted = ScriptedWorker(tmp_path / "worker", lambda _request: DISCOVERY)
    yield scripted
    scripted.close()


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def discoveries(running: Running, worker: ScriptedWorker, changes: list[str]) -> Discoveries:
    return Discoveries(running.loop, WorkerClient(running.loop, worker.path), lambda: changes.append("notices"))


def asked(running: Running, discoveries: Discoveries, times: int = 1) -> list[Found]:
    found: list[Found] = []
    for _ in range(times):
        discoveries.discover(PROFILE, found.append)
    running.until(lambda: len(found) == times)
    return found


def test_who_asks_together_is_answered_by_one_question(
    running: Running, discoveries: Discoveries, worker: ScriptedWorker
) -> None:
    assert asked(running, discoveries, times=3) == [DISCOVERY] * 3
    assert len(worker.requests) == 1


def test_what_is_fresh_is_not_asked_again(running: Running, discoveries: Discoveries, worker: ScriptedWorker) -> None:
    asked(running, discoveries)
    assert asked(running, discoveries) == [DISCOVERY]
    assert len(worker.requests) == 1


def test_a_portal_that_is_away_is_not_asked_by_everybody(
    running: Running, discoveries: Discoveries, worker: ScriptedWorker
) -> None:
    away = Fault(Code.PORTAL_UNREACHABLE, host="portal.example")
    worker.answer = lambda _request: away
    assert asked(running, discoveries) == [away]
    assert asked(running, discoveries) == [away]
    assert len(worker.requests) == 1


def test_new_notices_are_told_once(running: Running, discoveries: Discoveries, changes: list[str]) -> None:
    assert discoveries.notices() == ()
    asked(running, discoveries)
    assert discoveries.notices() == (NOTICE,)
    discoveries.learned(PROFILE.name, (NOTICE,))
    assert changes == ["notices"]
    later = replace(NOTICE, id="n2", starts_at=5)
    discoveries.learned("other", (later,))
    assert discoveries.notices() == (later, NOTICE)


def test_factors_are_those_that_both_know(running: Running, discoveries: Discoveries) -> None:
    assert Factor.YUBICO_OTP in discoveries.factors(PROFILE)
    asked(running, discoveries)
    assert discoveries.factors(PROFILE) == {Factor.YUBIKEY_HMAC}


def test_a_profile_whose_anchors_cannot_be_read_fails_by_name(running: Running, discoveries: Discoveries) -> None:
    found: list[Found] = []
    discoveries.discover(replace(PROFILE, trust=Trust(ca_file="/nowhere")), found.append)
    assert isinstance(found[0], Fault)
    assert found[0].code is Code.PROFILE_MALFORMED

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flexnetd.daemon.discovery import Discoveries
from flexnetd.daemon.notice_memory import MOST_NOTICES
from flexnetd.daemon.worker_client import WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.notice import NoticeKind
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
def discoveries(running: Running, worker: ScriptedWorker, changes: list[str], tmp_path: Path) -> Discoveries:
    return made(running, worker, tmp_path / "notices.json", changes)


def made(running: Running, worker: ScriptedWorker, memory: Path, changes: list[str]) -> Discoveries:
    return Discoveries(running.loop, WorkerClient(running.loop, worker.path), lambda: changes.append("notices"), memory)


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


def test_a_portal_fills_nobodys_screen(running: Running, discoveries: Discoveries, worker: ScriptedWorker) -> None:
    flood = tuple(replace(NOTICE, id=f"{number:05}", starts_at=99_999 - number) for number in range(5000))
    worker.answer = lambda _request: replace(DISCOVERY, notices=flood)
    asked(running, discoveries)
    assert discoveries.notices() == tuple(reversed(flood[-MOST_NOTICES:]))


def test_new_notices_are_told_once(running: Running, discoveries: Discoveries, changes: list[str]) -> None:
    assert discoveries.notices() == ()
    asked(running, discoveries)
    assert discoveries.notices() == (NOTICE,)
    discoveries.learned(PROFILE.name, (NOTICE,))
    assert changes == ["notices"]
    later = replace(NOTICE, id="n2", starts_at=5)
    discoveries.learned("other", (later,))
    assert discoveries.notices() == (later, NOTICE)


def test_notices_are_remembered_until_they_are_over(
    running: Running, discoveries: Discoveries, worker: ScriptedWorker, changes: list[str], tmp_path: Path
) -> None:
    now = int(time.time())
    current = replace(NOTICE, starts_at=now - 10, ends_at=now + 3600)
    discoveries.learned(PROFILE.name, (NOTICE, current))
    assert made(running, worker, tmp_path / "notices.json", changes).notices() == (current,)
    assert (tmp_path / "notices.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", '{"notices": {"kv": [{"id": 1}]}}', '{"other": {}}'])
def test_a_memory_that_cannot_be_read_is_none(
    running: Running, worker: ScriptedWorker, changes: list[str], tmp_path: Path, text: str
) -> None:
    (tmp_path / "memory").write_text(text, encoding="ascii")
    assert made(running, worker, tmp_path / "memory", changes).notices() == ()


def test_a_portal_that_fails_in_its_maintenance_is_told_with_the_end(
    running: Running, discoveries: Discoveries, worker: ScriptedWorker
) -> None:
    now = int(time.time())
    away = Fault(Code.PORTAL_UNREACHABLE, host="portal.example")
    worker.answer = lambda _request: away
    discoveries.learned(PROFILE.name, (replace(NOTICE, starts_at=now - 10, ends_at=now + 3600),))
    assert asked(running, discoveries) == [Fault(Code.MAINTENANCE, ends_at=now + 3600)]


@pytest.mark.parametrize(
    ("begins_s", "ends_s", "kind", "code"),
    [
        (60, 3600, NoticeKind.MAINTENANCE, Code.PORTAL_UNREACHABLE),
        (-60, -1, NoticeKind.MAINTENANCE, Code.PORTAL_UNREACHABLE),
        (-60, 3600, NoticeKind.MESSAGE, Code.PORTAL_UNREACHABLE),
        (-60, 3600, NoticeKind.MAINTENANCE, Code.PORTAL_CERTIFICATE),
        (-60, 3600, NoticeKind.MAINTENANCE, Code.CREDENTIALS_REFUSED),
    ],
)
def test_otherwise_a_failure_is_told_as_what_it_is(
    discoveries: Discoveries, begins_s: int, ends_s: int, kind: NoticeKind, code: Code
) -> None:
    now = int(time.time())
    announced = replace(NOTICE, kind=kind, starts_at=now + begins_s, ends_at=now + ends_s)
    discoveries.learned(PROFILE.name, (announced,))
    fault = Fault(code, **dict.fromkeys(code.facts, "x"))
    assert discoveries.explained(PROFILE, fault) == fault


def test_factors_are_those_that_the_portal_takes(running: Running, discoveries: Discoveries) -> None:
    assert Factor.YUBICO_OTP in discoveries.factors(PROFILE)
    asked(running, discoveries)
    assert discoveries.factors(PROFILE) == {Factor.YUBIKEY_HMAC, Factor.FIDO2}


def test_a_profile_whose_anchors_cannot_be_read_fails_by_name(running: Running, discoveries: Discoveries) -> None:
    found: list[Found] = []
    discoveries.discover(replace(PROFILE, trust=Trust(ca_file="/nowhere")), found.append)
    assert isinstance(found[0], Fault)
    assert found[0].code is Code.PROFILE_MALFORMED

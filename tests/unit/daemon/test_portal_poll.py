from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flexnetd.daemon.portal_poll import Pace, PortalPoll
from flexnetd.daemon.worker_client import WorkerClient
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice
from flexnetd.model.secret import Secret
from flexnetd.session.states import Phase, Session
from flexnetd.wire.worker import SessionRequest
from tests.unit.daemon.running import Running
from tests.unit.daemon.samples import GRANT, NOTICE, PROFILE, VIEW
from tests.unit.daemon.scripted_worker import ScriptedWorker

QUICK = Pace(first_s=0.01, after_failure_s=0.01, shortest_s=0.0)
ONLINE = Session(phase=Phase.ONLINE, first=False, grant=GRANT)


class Place:
    def __init__(self, running: Running, worker: ScriptedWorker) -> None:
        self.worker = worker
        self.learned: list[tuple[Notice, ...]] = []
        self.ended: list[Fault] = []
        client = WorkerClient(running.loop, worker.path)
        self.poll = PortalPoll(
            running.loop, client, lambda: PROFILE, lambda _name, notices: self.learned.append(notices), self.end, QUICK
        )

    def end(self, fault: Fault) -> None:
        self.ended.append(fault)


@pytest.fixture
def place(running: Running, tmp_path: Path) -> Iterator[Place]:
    worker = ScriptedWorker(tmp_path / "worker", lambda _request: replace(VIEW, poll_after_s=0))
    made = Place(running, worker)
    yield made
    made.poll.changed(Session())
    worker.close()


def test_it_asks_again_and_again_while_somebody_is_signed_in(running: Running, place: Place) -> None:
    place.poll.changed(ONLINE)
    running.until(lambda: len(place.learned) >= 3)
    assert place.learned[0] == (NOTICE,)
    request = place.worker.requests[0]
    assert isinstance(request, SessionRequest)
    assert request.token == GRANT.token


def test_it_asks_with_the_token_of_the_moment(running: Running, place: Place) -> None:
    place.poll.changed(ONLINE)
    running.until(lambda: place.learned)
    renewed = replace(GRANT, token=Secret("u" * 43))
    place.poll.changed(replace(ONLINE, grant=renewed))
    count = len(place.worker.requests)
    running.until(lambda: len(place.worker.requests) > count + 1)
    last = place.worker.requests[-1]
    assert isinstance(last, SessionRequest)
    assert last.token == renewed.token


@pytest.mark.parametrize(
    "session", [Session(), Session(phase=Phase.RESOLVING, grant=GRANT), Session(phase=Phase.LEAVING)]
)
def test_it_is_silent_before_and_after(running: Running, place: Place, session: Session) -> None:
    place.poll.changed(ONLINE)
    place.poll.changed(session)
    passed: list[int] = []
    running.loop.after(0.05, lambda: passed.append(1))
    running.until(lambda: passed)
    assert place.worker.requests == []


def test_a_session_that_the_portal_ended_ends_here(running: Running, place: Place) -> None:
    place.worker.answer = lambda _request: Fault(Code.SESSION_ENDED)
    place.poll.changed(ONLINE)
    running.until(lambda: place.ended)
    assert place.ended == [Fault(Code.SESSION_ENDED)]


def test_a_portal_that_is_away_changes_nothing(running: Running, place: Place) -> None:
    place.worker.answer = lambda _request: Fault(Code.PORTAL_UNREACHABLE, host="x")
    place.poll.changed(ONLINE)
    running.until(lambda: len(place.worker.requests) >= 2)
    assert place.ended == []
    assert place.learned == []

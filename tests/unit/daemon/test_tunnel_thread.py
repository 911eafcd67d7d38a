from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from tests.unit.daemon.running import Running


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    yield made
    made.loop.close()


@pytest.fixture
def thread(running: Running) -> Iterator[TunnelThread]:
    made = TunnelThread(running.loop)
    yield made
    made.stop(5.0)


def refuse() -> None:
    raise Fault(Code.PEER_UNKNOWN, public_key="")


def test_a_job_is_done_in_another_thread_and_its_outcome_comes_back_to_the_loop(
    running: Running, thread: TunnelThread
) -> None:
    outcomes: list[object] = []
    thread.run(threading.get_ident, lambda outcome: outcomes.extend((outcome, threading.get_ident())))
    assert outcomes == []
    running.until(lambda: outcomes)
    assert outcomes[0] != threading.get_ident()
    assert outcomes[1] == threading.get_ident()


def test_a_brief_one_is_done_on_the_loop_when_nothing_is_under_way(running: Running, thread: TunnelThread) -> None:
    outcomes: list[object] = []
    thread.run_briefly(threading.get_ident, outcomes.append)
    assert outcomes == [threading.get_ident()]
    thread.run(lambda: None, outcomes.append)
    running.until(lambda: len(outcomes) == 2)
    thread.run_briefly(threading.get_ident, outcomes.append)
    assert outcomes[2] == threading.get_ident()


def test_a_brief_one_keeps_its_place_behind_what_is_under_way(running: Running, thread: TunnelThread) -> None:
    may_end, order = threading.Event(), list[str]()
    thread.run(lambda: may_end.wait(5.0), lambda _: order.append("long"))
    thread.run_briefly(lambda: None, lambda _: order.append("brief"))
    assert order == []
    may_end.set()
    running.until(lambda: len(order) == 2)
    assert order == ["long", "brief"]


def test_what_a_brief_one_raises_is_its_outcome(thread: TunnelThread) -> None:
    outcomes: list[object] = []
    thread.run_briefly(refuse, outcomes.append)
    assert isinstance(outcomes[0], Fault)

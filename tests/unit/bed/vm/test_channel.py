"""The host's end of the agent: what programs in the VM said, and what becomes of them when it goes."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator

import pytest

from tests.bed.vm.channel import Channel, VmEnded


class Agent:
    """The other end, played by the test."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._lines = connection.makefile("rb")

    def hears(self) -> dict[str, object]:
        heard: dict[str, object] = json.loads(self._lines.readline())
        return heard

    def says(self, **told: object) -> None:
        self._socket.sendall(json.dumps(told).encode() + b"\n")

    def goes(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Agent]]:
    near, far = socket.socketpair()
    channel, agent = Channel(near), Agent(far)
    yield channel, agent
    channel.close()
    agent.goes()


def said(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_first_word_is_the_time_and_its_answer_says_that_the_vm_is_up(ends: tuple[Channel, Agent]) -> None:
    channel, agent = ends
    assert isinstance(agent.hears()["now"], float)
    agent.says(id=0, ready="running")
    channel.await_ready(10)
    assert channel.state == "running"


def test_two_programs_at_once_are_told_apart(ends: tuple[Channel, Agent]) -> None:
    channel, agent = ends
    one, other = channel.start(["one"]), channel.start(["other"])
    agent.says(id=2, out=said("second\n"))
    agent.says(id=1, out=said("first\n"))
    agent.says(id=1, exit=3)
    agent.says(id=2, exit=0)
    assert (one.wait(10), one.said(), other.wait(10), other.said()) == (3, "first\n", 0, "second\n")


def test_a_line_is_awaited_whole(ends: tuple[Channel, Agent]) -> None:
    channel, agent = ends
    running = channel.start(["program"])
    agent.says(id=1, out=said("rea"))
    agent.says(id=1, out=said("dy at 7\n"))
    assert running.await_line("ready", 10) == "ready at 7"


def test_a_program_that_ends_before_its_line_is_told_with_what_it_said(ends: tuple[Channel, Agent]) -> None:
    channel, agent = ends
    running = channel.start(["program"])
    agent.says(id=1, err=said("no such port\n"))
    agent.says(id=1, exit=1)
    with pytest.raises(AssertionError, match=r"program ended with 1:\nno such port"):
        running.await_line("ready", 10)


def test_whoever_waits_is_told_that_the_vm_went(ends: tuple[Channel, Agent]) -> None:
    channel, agent = ends
    running = channel.start(["program"])
    agent.goes()
    with pytest.raises(VmEnded):
        running.wait(10)
    with pytest.raises(VmEnded):
        channel.await_ready(10)

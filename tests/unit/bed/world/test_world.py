"""The operator's world stands, and a host of it can be asked to do things."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.servers.start import await_ready, start_names, start_page
from tests.bed.world import operator_plan as place
from tests.bed.world.process import Identity
from tests.bed.world.world import World

pytestmark = pytest.mark.world

ALICE = Identity(70001)


def test_the_internet_sees_the_home_router_and_not_the_laptop(world: World) -> None:
    page = await_ready(start_page(world["web"], place.PUBLIC_WEB, "hello"))
    fetched = world["laptop"].run(["curl", "-sS", f"http://{place.PUBLIC_WEB}/who"])
    assert fetched.stdout == "hello"
    assert "203.0.113.2 /who\n" in page.log_text()


def test_the_uplink_holds_back_every_frame_for_its_delay(world: World) -> None:
    answer = world["laptop"].run(["ping", "-c3", "-i0.1", "-q", place.PUBLIC_WEB])
    least_ms = float(answer.stdout.rpartition("= ")[2].split("/")[0])
    assert 40 <= least_ms < 60


def test_a_megabyte_passes_the_delayed_uplink_whole(world: World) -> None:
    await_ready(start_page(world["portal"], place.PORTAL, "start"))
    fetched = world["laptop"].run(["curl", "-sS", f"http://{place.PORTAL}/large"])
    assert len(fetched.stdout) == len("start") + 1024 * 1024


def test_nobody_outside_reaches_the_laptop_or_the_intranet(world: World) -> None:
    for host, target in (("web", place.LAPTOP), ("laptop", place.PAGES), ("portal", place.PAGES)):
        assert world[host].run(["ping", "-c1", "-W0.3", target], check=False).returncode != 0


def test_ipv6_reaches_the_operator(world: World) -> None:
    world["laptop"].run(["ping", "-c1", "-W2", place.GATEWAY_V6])


def test_the_konnektors_networks_are_behind_the_konnektor(world: World) -> None:
    route = world["laptop"].run(["ip", "route", "get", place.SAFENET_SERVICE]).stdout
    assert f"via {place.KONNEKTOR}" in route
    world["laptop"].run(["ping", "-c1", place.TI_SERVICE])


def test_a_name_is_known_where_it_was_told_only(world: World) -> None:
    await_ready(start_names(world["web"], place.PUBLIC_RESOLVER, place.PUBLIC_NAMES))
    known, unknown = (
        world["laptop"].within(ask, place.PUBLIC_RESOLVER, name) for name in (place.GATEWAY_NAME, place.PAGE_NAME)
    )
    assert socket.inet_aton(place.GATEWAY) in known
    assert unknown[3] & 0x0F == 3  # NXDOMAIN


def ask(server: str, name: str) -> bytes:
    """The answer to a question for an IPv4 address."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(5)
        asker.sendto(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0" + labels + b"\0\0\x01\0\x01", (server, 53))
        return asker.recv(4096)


def test_a_program_runs_as_whom_it_is_told_with_those_capabilities_only(world: World) -> None:
    status = world["laptop"].run(["cat", "/proc/self/status"], identity=Identity(991, caps=("net_admin",))).stdout
    assert "Uid:\t991\t991\t991\t991\n" in status
    for line in ("CapPrm", "CapEff", "CapAmb", "CapBnd"):
        assert f"{line}:\t0000000000001000\n" in status


def test_a_program_sees_nothing_of_the_callers_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_CALLER", "1")
    seen = world["laptop"].run(["env"], env={"OF_THE_TEST": "2"}).stdout
    assert "OF_THE_TEST=2" in seen
    assert "OF_THE_CALLER" not in seen


def test_a_program_keeps_its_pid(world: World) -> None:
    sleeper = world["laptop"].start("sleeper", ["sleep", "60"], identity=ALICE, cwd="/")
    until(
        lambda: Path(f"/proc/{sleeper.pid}/exe").readlink().name in {"sleep", "coreutils"},
        what="the chain of execs to end",
    )
    assert Path(f"/proc/{sleeper.pid}").stat().st_uid == ALICE.uid
    assert sleeper.kill() == -9


def test_a_failing_program_says_what_it_said(world: World) -> None:
    with pytest.raises(AssertionError, match=r"(?s)laptop: ls /nowhere: exit 2.*No such file"):
        world["laptop"].run(["ls", "/nowhere"])


def test_a_function_runs_in_a_process_of_its_own(world: World) -> None:
    assert world["laptop"].call(os.getuid, identity=ALICE) == ALICE.uid
    assert world["laptop"].call(socket.gethostname) == "laptop"
    with pytest.raises(FileNotFoundError):
        world["laptop"].call(os.listdir, "/nowhere")


def test_a_function_runs_within_the_hosts_network(world: World) -> None:
    with world["pages"].within(socket.create_server, (place.PAGES, 8080)):
        assert world["pages"].listens(8080)
        assert not world["resolver"].listens(8080)
    with pytest.raises(OSError, match="assign requested address"):
        world["pages"].within(socket.create_server, (place.PORTAL, 8080))


def test_every_uid_reads_the_checkout(world: World) -> None:
    world["laptop"].run(["test", "-r", "/run/bed/checkout/pyproject.toml"], identity=ALICE)


def test_a_host_sees_its_own_interfaces_in_sys(world: World) -> None:
    assert set(world["laptop"].run(["ls", "/sys/class/net"]).stdout.split()) == {"lo", "eth0"}


def test_until_says_what_it_awaited() -> None:
    start = time.monotonic()
    with pytest.raises(AssertionError, match=r"in vain for 0\.05 s: pigs to fly; last answer: False"):
        until(lambda: False, 0.05, "pigs to fly")
    assert time.monotonic() - start < 1


def test_until_gives_the_answer_back() -> None:
    answers = iter(["", "", "there"])
    assert until(lambda: next(answers)) == "there"


def test_a_program_that_does_not_end_is_named_with_its_log(world: World) -> None:
    program = world["laptop"].start("stubborn", ["sh", "-c", "echo here I stay; exec sleep 60"])
    until(lambda: "stay" in program.log_text())
    with pytest.raises(AssertionError, match=r"(?s)stubborn on laptop did not end.*here I stay"):
        program.wait(0.05)


def test_pipes_are_the_callers(world: World) -> None:
    process = world["laptop"].popen(["cat"], stdin=subprocess.PIPE)
    assert process.communicate(b"through")[0] == b"through"

"""However a world ends, nothing of it is left; several live side by side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.world import guardian
from tests.bed.world.plan import HostPlan, Plan, Port, Segment
from tests.bed.world.sweep import Record, abandoned, start_of, sweep, write_record
from tests.bed.world.world import CHECKOUT_HERE, World

pytestmark = pytest.mark.world

SMALL = Plan(
    (Segment("wire"),),
    (
        HostPlan("one", (Port("wire", "eth0", ("192.0.2.1/24",)),)),
        HostPlan("two", (Port("wire", "eth0", ("192.0.2.2/24",)),)),
    ),
)


def living_in(network: str) -> list[int]:
    return [pid for pid in guardian.pids() if guardian.network_of(pid) == network]


def test_a_world_is_up_within_a_second_and_down_within_another() -> None:
    start = time.monotonic()
    with World(SMALL) as world:
        up_s = time.monotonic() - start
        world["one"].run(["ping", "-c1", "192.0.2.2"])
        start = time.monotonic()
    assert up_s < 1
    assert time.monotonic() - start < 1


def test_its_end_takes_processes_that_hide_from_their_parent_along() -> None:
    with World(SMALL) as world:
        network = guardian.network_of(world["one"].pid)
        world["one"].run(["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 </dev/null &"])
        until(lambda: len(living_in(network)) == 2, what="the hidden sleeper")
        folder = world.folder
    assert living_in(network) == []
    assert not folder.exists()


def test_a_failure_inside_ends_it_too() -> None:
    world = World(SMALL)
    with pytest.raises(ZeroDivisionError), world:
        1 / 0  # noqa: B018
    assert not world.folder.exists()


def test_a_plan_that_the_kernel_refuses_leaves_nothing() -> None:
    world = World(Plan((), (HostPlan("one", extra_addresses=("300.0.0.1/32",)),)))
    with pytest.raises(RuntimeError, match=r"300\.0\.0\.1"), world:
        pass
    assert not world.folder.exists()


def test_a_host_that_cannot_be_furnished_is_named() -> None:
    world = World(Plan((), (HostPlan("one", settings={"net/no/such/setting": "1"}),)))
    with pytest.raises(RuntimeError, match=r"host one: .*net/no/such/setting"), world:
        pass
    assert not world.folder.exists()


def test_two_worlds_with_the_same_plan_do_not_meet() -> None:
    with World(SMALL) as first, World(SMALL) as second:
        first["one"].run(["ip", "addr", "add", "192.0.2.99/24", "dev", "eth0"])
        assert first["two"].run(["ping", "-c1", "-W1", "192.0.2.99"], check=False).returncode == 0
        assert second["two"].run(["ping", "-c1", "-W0.2", "192.0.2.99"], check=False).returncode != 0


MAKER = """
import sys, time
from pathlib import Path
from tests.unit.bed.world.test_end import SMALL, World
with World(SMALL, Path(sys.argv[1])) as world:
    world["one"].start("sleeper", ["sleep", "60"])
    print(world.folder, world._guardian_pid(), world["one"].pid, flush=True)
    time.sleep(60)
"""


def made_elsewhere(parent: Path) -> tuple[subprocess.Popen[str], Path, int, str]:
    """A world of another process: the process, the folder, the guardian's pid, a host's network.

    It lies in a folder of its own, so that nobody else's sweep finds it.
    """
    command = [sys.executable, "-c", MAKER, str(parent)]
    maker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT_HERE)
    assert maker.stdout is not None
    with maker.stdout:
        folder, guardian_pid, host_pid = maker.stdout.readline().split()
    network = guardian.network_of(int(host_pid))
    until(lambda: len(living_in(network)) == 2, what="anchor and sleeper")
    return maker, Path(folder), int(guardian_pid), network


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_maker_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    maker, folder, _, network = made_elsewhere(tmp_path)
    maker.send_signal(number)
    maker.wait(5)
    until(lambda: not folder.exists() and not living_in(network), what="the guardian to clear away")


def test_what_a_killed_guardian_left_is_swept(tmp_path: Path) -> None:
    maker, folder, guardian_pid, network = made_elsewhere(tmp_path)
    assert abandoned(tmp_path) == []
    os.kill(guardian_pid, signal.SIGKILL)
    until(lambda: not start_of(guardian_pid), what="the guardian's death")
    assert abandoned(tmp_path) == [folder.name]
    assert living_in(network) != []
    assert sweep(tmp_path) == [folder.name]
    assert not folder.exists()
    until(lambda: living_in(network) == [], what="the sleeper's end")
    maker.kill()
    maker.wait(5)


def test_a_world_that_is_alive_is_not_swept() -> None:
    with World(SMALL) as world:
        assert world.folder.name not in sweep()
        world["one"].run(["true"])


def test_a_pid_that_came_back_guards_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "flexnet-bed-00000000"
    folder.mkdir()
    write_record(Record(str(folder), os.getpid(), start_of(os.getpid()), os.getpid(), "another start"))
    assert sweep(tmp_path) == [folder.name]
    assert not folder.exists()


def test_a_folder_that_is_just_being_made_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "flexnet-bed-00000001"
    folder.mkdir()
    assert sweep(tmp_path) == []
    os.utime(folder, (0, 0))
    assert sweep(tmp_path) == [folder.name]

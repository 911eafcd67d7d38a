"""What a restart and a SIGKILL cost a person who is online: packets lost of 10,000, in a VM with kernel WireGuard and
the whole product; and how often the daemon wakes up while nothing happens."""

from __future__ import annotations

import re
from itertools import pairwise

from tests.bed.await_ import until
from tests.bed.vm.machine import Vm
from tests.bed.vm.operator import operator_inside
from tests.bed.vm.workstation import vm_workstation
from tests.bed.world.operator_plan import PAGES
from tests.bench.daemon import SWITCHES
from tests.bench.measure import Measure
from tests.vm.conftest import ANNA

COMMAND = "python -m tests.bench adoption"
PACKETS = 10_000
PING = (
    "setpriv",
    "--reuid=alice",
    "--clear-groups",
    "--inh-caps=+net_raw",
    "--ambient-caps=+net_raw",
    "ping",
    "-q",
    "-i",
    "0.002",
    "-W",
    "1",
)
LONGEST_S = 600.0
QUIET_S = 60
STEADY_MINUTES = 3


def measures() -> list[Measure]:
    with vm_workstation("bookworm") as place, operator_inside(place.vm, [ANNA]):
        vm = place.vm
        place.key.program_hmac(2, bytes.fromhex(ANNA.hmac_secret))
        place.key.auto_touch(0.2)
        vm.run(["systemctl", "reload-or-restart", "flexnetd"])
        with vm.logged_in("alice"):
            vm.run_as("alice", ["flexnet", "sign-in"], given=f"{ANNA.name}\n{ANNA.password}\n", timeout_s=120)
            restarted = _lost(vm, ["systemctl", "restart", "flexnetd"])
            killed = _lost(vm, ["systemctl", "kill", "--signal=KILL", "flexnetd"])
            wakeups, steady = _wakeups(vm)
    return [
        Measure(f"packets lost of {PACKETS} during a restart", "", (restarted,), COMMAND, 0),
        Measure(f"packets lost of {PACKETS} during a SIGKILL and what follows", "", (killed,), COMMAND, 0),
        Measure(f"flexnetd: wake-ups in the first {QUIET_S} s of a pause, online", "", (wakeups,), COMMAND),
        Measure(f"flexnetd: wake-ups in {QUIET_S} s, online, the minutes after it", "", steady, COMMAND, 2),
    ]


def _lost(vm: Vm, how: list[str]) -> int:
    """Of alice's pings through the tunnel, one each 2 ms, while the daemon goes and the next one comes."""
    before = _pid(vm)
    pings = vm.start([*PING, "-c", str(PACKETS), PAGES], timeout_s=LONGEST_S)
    vm.run(how)
    until(lambda: _pid(vm) not in {before, "0"}, LONGEST_S, "another daemon")
    assert pings.wait() in {0, 1}
    counted = re.search(r"(\d+) packets transmitted, (\d+) received", pings.said())
    assert counted is not None, pings.said()
    assert int(counted[1]) == PACKETS
    return PACKETS - int(counted[2])


def _pid(vm: Vm) -> str:
    return vm.run(["systemctl", "show", "--property=MainPID", "--value", "flexnetd"]).stdout.strip()


def _wakeups(vm: Vm) -> tuple[int, tuple[int, ...]]:
    """Of the pause's first minute, in which the looks at the peer grow rare, and of each that follows; in the VM's own
    seconds."""
    minutes = f"sleep {QUIET_S}; {SWITCHES}\n" * (1 + STEADY_MINUTES)
    told = vm.run(["sh", "-ec", f"sleep 5; {SWITCHES}\n{minutes}"], timeout_s=LONGEST_S).stdout.split()
    counts = [int(count) for count in told]
    first, *steady = (after - before for before, after in pairwise(counts))
    return first, tuple(steady)

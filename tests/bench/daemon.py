"""The daemon beside firewalld, a daemon of the same kind (Python, D-Bus, netlink), in a booted Debian 12: start to
READY, memory, wake-ups. Both are restarted in turn."""

from __future__ import annotations

import secrets
import time

from tests.bed.nspawn.machine import Machine
from tests.bed.nspawn.workstation import Workstation, workstation
from tests.bed.operator.operator import Operator
from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.world import World
from tests.bench.measure import Measure

COMMAND = "python -m tests.bench daemon"
TURNS = 7
QUIET_S = 60
PASSWORD = "Kirschbaum-im-Garten-7"
SETTLED = """
pid=$(systemctl show --property=MainPID --value {unit})
awk '/^Pss:/ {{print $2}}' /proc/$pid/smaps_rollup
"""
SWITCHES = """
pid=$(systemctl show --property=MainPID --value flexnetd)
awk '/^voluntary_ctxt_switches/ {n += $2} END {print n}' /proc/$pid/task/*/status
"""


def measures() -> list[Measure]:
    with (
        World(operator_plan()) as world,
        Operator(world) as operator,
        workstation("bookworm", world, operator) as place,
    ):
        machine = place.machine
        starts: dict[str, list[float]] = {"flexnetd": [], "firewalld": []}
        memory: dict[str, list[float]] = {"flexnetd": [], "firewalld": []}
        machine.run(["systemctl", "unmask", "firewalld"])
        for _ in range(TURNS):
            for unit, found in starts.items():
                machine.run(["systemctl", "restart", unit])
                found.append(_start_ms(machine, unit))
                memory[unit].append(_pss_mib(machine, unit))
                machine.run(["systemctl", "reset-failed"], check=False)
        machine.run(["systemctl", "stop", "firewalld"])
        wakeups = _wakeups(machine)
        signed_in = _signed_in_mib(place, operator)
    reference_ms, reference_mib = _median(starts["firewalld"]), _median(memory["firewalld"])
    return [
        Measure("flexnetd: start to READY", "ms", tuple(starts["flexnetd"]), COMMAND, reference_ms / 2),
        Measure("firewalld: start to READY", "ms", tuple(starts["firewalld"]), COMMAND),
        Measure("flexnetd: PSS, signed out", "MiB", tuple(memory["flexnetd"]), COMMAND, reference_mib / 2),
        Measure("firewalld: PSS", "MiB", tuple(memory["firewalld"]), COMMAND),
        Measure("flexnetd: PSS, signed in", "MiB", (signed_in,), COMMAND, reference_mib),
        Measure(f"flexnetd: wake-ups in {QUIET_S} s, signed out", "", (wakeups,), COMMAND, 0),
    ]


def _start_ms(machine: Machine, unit: str) -> float:
    wanted = ["ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic"]
    shown = machine.run(["systemctl", "show", unit, *(f"--property={name}" for name in wanted)]).stdout
    moments = dict(line.split("=") for line in shown.split())
    return (int(moments[wanted[1]]) - int(moments[wanted[0]])) / 1000


def _pss_mib(machine: Machine, unit: str) -> float:
    return int(machine.run(["sh", "-c", SETTLED.format(unit=unit)]).stdout) / 1024


def _wakeups(machine: Machine) -> float:
    """A daemon with nothing to do does nothing: over the time that the measure is about, not over a condition."""
    machine.run(["systemctl", "restart", "flexnetd"])
    time.sleep(3)  # what follows a start has ended
    before = int(machine.run(["sh", "-c", SWITCHES]).stdout)
    time.sleep(QUIET_S)
    return int(machine.run(["sh", "-c", SWITCHES]).stdout) - before


def _signed_in_mib(place: Workstation, operator: Operator) -> float:
    secret = secrets.token_bytes(20)
    place.key.program_hmac(2, secret)
    place.key.auto_touch(0.05)
    operator.add_member("anna", PASSWORD, hmac_secret=secret)
    with place.machine.logged_in("alice"):
        place.machine.run_as("alice", ["flexnet", "sign-in"], given=f"anna\n{PASSWORD}\n")
        return _pss_mib(place.machine, "flexnetd")


def _median(samples: list[float]) -> float:
    return sorted(samples)[len(samples) // 2]

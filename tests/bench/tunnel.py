"""The tunnel engine on a real kernel beside wg-quick, in a VM (Debian 12): up, down, the guard, a look that finds
nothing to do, throughput."""

from __future__ import annotations

from tests.bed.vm.machine import booted_vm
from tests.bench import tunnel_inside as inside
from tests.bench.measure import Measure

COMMAND = "python -m tests.bench tunnel"
TURNS = 7
SIZE = 8 << 20
LONGEST_S = 600.0


def measures() -> list[Measure]:
    with booted_vm("bookworm") as vm:
        times = vm.call(inside.up_and_down, TURNS, timeout_s=LONGEST_S)
        guards = vm.call(inside.guards, TURNS, timeout_s=LONGEST_S)
        rates = vm.call(inside.throughput, TURNS, SIZE, timeout_s=LONGEST_S)
        looks, changes = vm.call(inside.nothing_to_do, TURNS, timeout_s=LONGEST_S)
    quick = {word: Measure(f"wg-quick {word}, with DNS", "ms", tuple(times[f"wg-quick {word}"]), COMMAND)
             for word in ("up", "down")}  # fmt: skip
    longer = [theirs / ours for ours, theirs in zip(rates["ours"], rates["wg-quick"], strict=True)]
    return [
        Measure("tunnel up, with names and guard", "ms", tuple(times["ours up"]), COMMAND, quick["up"].median / 12),
        quick["up"],
        Measure("tunnel down", "ms", tuple(times["ours down"]), COMMAND, quick["down"].median / 3),
        quick["down"],
        Measure("of up: the guard, by nft as a process", "ms", tuple(guards["process"]), COMMAND),
        Measure("the same guard by libnftables in the process", "ms", tuple(guards["library"]), COMMAND),
        Measure("libnftables in the process: PSS", "MiB", tuple(guards["library's memory"]), COMMAND),
        Measure("a look beside 10,000 routes and 200 veths", "ms", tuple(looks), COMMAND),
        Measure("its changes", "", (changes,), COMMAND, 0),
        Measure("a transfer's time with guard, of wg-quick's", "", tuple(longer), COMMAND, 1 / 0.98),
    ]

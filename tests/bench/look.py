"""A look that finds nothing to do beside 10,000 routes and 200 veths of others, on this machine's kernel: a host in a
network namespace. Its WireGuard is the kernel's where there is one, else a user-space one."""

from __future__ import annotations

import time

from flexnetd.tunnel.spec import TunnelSpec
from tests.bench.measure import Measure
from tests.integration.tunnel.calls import tunnel
from tests.integration.tunnel.place import DAEMON, GATEWAY, place

COMMAND = "python -m tests.bench look"
TURNS = 25
ROUTES, LINKS = 10_000, 200


def measures() -> list[Measure]:
    with place() as here:
        spec = here.up()
        links = [f"link add many{n} type veth peer name other{n}\n" for n in range(LINKS)]
        routes = [f"route add 11.{n >> 8}.{n & 255}.0/24 via {GATEWAY} dev eth0\n" for n in range(ROUTES)]
        here.world["laptop"].run(["ip", "-batch", "-"], stdin="".join(links + routes), timeout_s=120)
        times, changes = here.world["laptop"].call(looks, spec, TURNS, identity=DAEMON, timeout_s=120)
    return [
        Measure("the same in a namespace of this machine, without a VM", "ms", tuple(times), COMMAND, 30.0),
        Measure("its changes", "", (changes,), COMMAND, 0),
    ]


def looks(spec: TunnelSpec, turns: int) -> tuple[list[float], int]:
    """On the host: how long each took, and the changes of all. One before them loads what is loaded once."""
    engine = tunnel()
    times, changes = [], len(engine.make_it_so(spec).changes)
    for _ in range(turns):
        start = time.monotonic()
        changes += len(engine.make_it_so(spec).changes)
        times.append((time.monotonic() - start) * 1000)
    return times, changes

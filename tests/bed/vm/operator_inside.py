"""The operator inside a VM: run there, in the operator's own file system (operator.py), until SIGTERM.

Standard input is one JSON object, {"members": [{"name", "password", "hmac_secret" in hexadecimal}]}. When all is up,
one line is said: "up " and {"hosts": {NAME: PID}, "authority": PEM, "profile": TOML}. The pids hold the namespaces.
"""

from __future__ import annotations

import json
import signal
import sys
from types import FrameType

from tests.bed.operator.operator import Operator
from tests.bed.world.operator_plan import operator_plan
from tests.bed.world.world import World


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, _end)
    wanted = json.load(sys.stdin)
    with World(operator_plan()) as world, Operator(world) as operator:
        for member in wanted["members"]:
            secret = bytes.fromhex(member["hmac_secret"])
            operator.add_member(member["name"], member["password"], hmac_secret=secret)
        pids = {host.name: host.pid for host in world}
        told = {"hosts": pids, "authority": operator.portal.authority, "profile": operator.profile()}
        print("up " + json.dumps(told), flush=True)
        signal.pause()


if __name__ == "__main__":
    main()

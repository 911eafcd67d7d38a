"""What `flexnet recover` runs, as a program of its own: `python -m flexnetd.daemon.recovery`.

Everything of ours goes: the tunnel, then the record, so that the next daemon starts with a clean machine. It needs
neither the daemon nor the bus, only CAP_NET_ADMIN. It answers on its standard output with one line of JSON,
{"removed": ["..."], "fault": {...} or null}, and exits with 0 when nothing is left.
"""

from __future__ import annotations

import json
import sys

from flexnetd.daemon.record import RecordFile
from flexnetd.model.fault import Fault
from flexnetd.tunnel.recover import recover
from flexnetd.wire.json_codec import to_plain
from flexnetd.wire.worker import wire_fault_from_fault


def main() -> int:
    removed: tuple[str, ...] = ()
    fault = None
    try:
        removed = recover()
        RecordFile().erase()
    except Fault as refused:
        fault = refused
    told = to_plain(wire_fault_from_fault(fault)) if fault else None
    print(json.dumps({"removed": removed, "fault": told}))
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())

"""`flexnetd`: the daemon's process. `service.py` says what it does."""

from __future__ import annotations

import logging
import os
import resource

from flexnetd.daemon import journal
from flexnetd.daemon.bus.door import Bus
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.service import EXIT_BUS_LOST, Service

_log = logging.getLogger("flexnetd.daemon")


def main() -> int:
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold what this process had in hand
    journal.set_up("flexnetd")
    try:
        bus = Bus()
    except ConnectionError:
        _log.critical("there is no system bus")
        return EXIT_BUS_LOST
    service: Service | None = None

    def on_mistake(mistake: Exception) -> None:
        if service is None:
            raise mistake
        service.on_mistake(mistake)

    loop = Loop(on_mistake)
    service = Service(bus, loop, _tell_systemd)
    service.start()
    loop.run()
    service.finish()
    return service.exit_code


def _tell_systemd(status: str) -> None:
    if "NOTIFY_SOCKET" in os.environ:
        from systemd import daemon  # noqa: PLC0415 - only where somebody listens

        daemon.notify(f"READY=1\nSTATUS={status}")


if __name__ == "__main__":
    raise SystemExit(main())

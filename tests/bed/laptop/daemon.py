"""flexnetd on the workstation, run as its unit would: its own user, CAP_NET_ADMIN alone, a notify socket."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from tests.bed.await_ import until
from tests.bed.laptop.accounts import DAEMON
from tests.bed.laptop.notify import NotifySocket
from tests.bed.world.host import Host
from tests.bed.world.process import PYTHON, Identity, Program

IDENTITY = Identity(DAEMON.uid, caps=("net_admin",))
RUNTIME_FOLDER = "/run/flexnetd"


class Daemon:
    """At most one at a time. `environment` may be changed between two starts."""

    def __init__(self, host: Host, notify: NotifySocket, environment: Mapping[str, str]) -> None:
        self._host = host
        self._program: Program | None = None
        self.notify = notify
        self.environment = {
            "RUNTIME_DIRECTORY": RUNTIME_FOLDER,
            "NOTIFY_SOCKET": str(notify.path),
            **environment,
        }

    @property
    def program(self) -> Program:
        assert self._program is not None, "the daemon was not started"
        return self._program

    @property
    def pid(self) -> int:
        return self.program.pid

    def start(self, *, ready_within_s: float = 15, env: Mapping[str, str] | None = None) -> Program:
        """Starts it and awaits READY=1. Raises AssertionError with the log's end when it ends before that.

        `env` is for this start alone (fault points)."""
        self.launch(env)
        try:
            until(self._ready_or_ended, ready_within_s, "flexnetd being ready")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.program.log_end()}") from None
        if not self.notify.heard("READY=1"):
            raise AssertionError(f"flexnetd ended with {self.program.wait()}:\n{self.program.log_end()}")
        return self.program

    def launch(self, env: Mapping[str, str] | None = None) -> Program:
        """Starts it and awaits nothing."""
        assert self._program is None or not self._program.running, "the daemon runs already"
        self.notify.forget()
        self._program = self._host.start(
            "flexnetd",
            [PYTHON, "-m", "flexnetd.daemon.main"],
            identity=IDENTITY,
            env={**self.environment, **(env or {})},
        )
        return self._program

    def _ready_or_ended(self) -> bool:
        return self.notify.heard("READY=1") or not self.program.running

    def stop(self, timeout_s: float = 15) -> int:
        """As `systemctl stop`: take everything down. Its exit status."""
        return self.program.stop(signal.SIGTERM, timeout_s)

    def keep(self, timeout_s: float = 15) -> int:
        """The first half of `systemctl restart`: ends and leaves the tunnel."""
        return self.program.stop(signal.SIGUSR1, timeout_s)

    def restart(self) -> Program:
        self.keep()
        return self.start()

    def kill(self) -> int:
        """SIGKILL."""
        return self.program.kill()

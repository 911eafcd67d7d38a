"""What every booted Debian of the bed offers, be it a container or a machine with a kernel of its own."""

from __future__ import annotations

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path


class Booted(ABC):
    @abstractmethod
    def run(
        self, command: Sequence[str | Path], *, check: bool = True, timeout_s: float = 60.0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs as root inside; output as text. Raises AssertionError with the output when it fails and `check`."""

    def run_as(
        self,
        user: str,
        command: Sequence[str],
        *,
        seat: str = "seat0",
        check: bool = True,
        timeout_s: float = 60.0,
        given: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs in a login session of its own: local and active with a seat, remote-like without one."""
        started = login_session(user, seat, environment or {}, command)
        return self.run(started, check=check, timeout_s=timeout_s, given=given)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        self.run(["mkdir", "-p", str(Path(path).parent)])
        self.run(["sh", "-c", f"cat > {path} && chmod {mode:o} {path}"], given=text)

    def journal(self, unit: str) -> str:
        return self.run(["journalctl", "--no-pager", "-o", "short-monotonic", "-u", unit], check=False).stdout


def login_session(user: str, seat: str, environment: Mapping[str, str], command: Sequence[str]) -> list[str]:
    told = {"XDG_SESSION_CLASS": "user", "XDG_SESSION_TYPE": "wayland" if seat else "tty", **environment}
    if seat:
        told["XDG_SEAT"] = seat
    set_to = [word for name, value in told.items() for word in ("-E", f"{name}={value}")]
    kind = ["--quiet", "--wait", "--pipe", "--collect", "-p", "PAMName=login", "-p", f"User={user}"]
    return ["systemd-run", *kind, *set_to, *command]

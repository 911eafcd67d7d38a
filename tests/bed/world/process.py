"""A process that a world started, with its log; and the command line that puts it there."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bed.await_ import until

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHECKOUT = "/run/bed/checkout"
"""Where every host sees the checkout, readable for every uid."""
PYTHON = CHECKOUT + "/.venv/bin/python"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs: `caps` are the ambient and only capabilities ("net_admin"). Root without caps keeps all of its own.

    A `person` is as after logging in: without rights, but a program with rights of its own (ping, su) keeps those. What
    is no person is confined as a service: nothing that it starts can gain anything."""

    uid: int = 0
    gid: int | None = None
    groups: tuple[int, ...] = ()
    caps: tuple[str, ...] = ()
    person: bool = False

    @property
    def command(self) -> list[str]:
        """The `setpriv` that turns root into this."""
        if self == Identity():
            return []
        gid = self.uid if self.gid is None else self.gid
        groups = ["--groups", ",".join(map(str, self.groups))] if self.groups else ["--clear-groups"]
        become = ["setpriv", f"--reuid={self.uid}", f"--regid={gid}", *groups]
        if self.person:
            return [*become, "--inh-caps=-all", "--"]
        allowed = ",".join(["-all", *(f"+{cap}" for cap in self.caps)])
        capabilities = [f"--inh-caps={allowed}", f"--ambient-caps={allowed}", f"--bounding-set={allowed}"]
        return [*become, *capabilities, "--no-new-privs", "--"]


ROOT = Identity()


def environment_of(world: str, more: Mapping[str, str] | None) -> dict[str, str]:
    """A service's environment: nothing of the caller's. The world's name marks what belongs to it."""
    return {"PATH": PATH, "LANG": "C.UTF-8", "FLEXNET_BED": world, **(more or {})}


class Program:
    """A running process of a world. Its output goes to `log`."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative for a signal."""
        return self._process.poll()

    def wait(self, timeout_s: float = 5) -> int:
        """Its exit status. Raises AssertionError with the log's end when it does not end in time."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout_s:g} s:\n{self.log_end()}") from None

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, timeout_s: float = 5) -> int:
        self.send(number)
        return self.wait(timeout_s)

    def kill(self) -> int:
        return self.stop(signal.SIGKILL)

    def await_line(self, line: str, timeout_s: float = 20) -> None:
        """Returns when its output has that line. Raises AssertionError with the log's end when it ends before, or in
        vain."""

        def said() -> bool:
            if not self.running:
                raise AssertionError(f"{self.name} ended with {self.exit_status}:\n{self.log_end()}")
            return f"{line}\n" in self.log_text()

        until(said, timeout_s, f"{line!r} from {self.name}")

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_end(self, lines: int = 30) -> str:
        return "\n".join(self.log_text().splitlines()[-lines:])


def checked_output(argv: Sequence[str], done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """`done`, when it ended well. Raises AssertionError with what it said."""
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done

"""A booted Debian in a container: its own systemd, logind, polkit, resolved, and our units as installed.

`with booted("bookworm", network="...") as laptop:` boots a throw-away view of the image in a given network namespace;
`laptop.run([...])` runs a command in it as root, `laptop.run_as("alice", [...])` in a real login session of logind.
Nothing written inside survives, and nothing is left on the host.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bed.await_ import until
from tests.bed.booted import Booted, login_session
from tests.bed.nspawn.image import fresh_image, image

BOOT_S = 60.0
ROOTS_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""As a login as root has it."""

CGROUPS = Path("/sys/fs/cgroup")
INTO_GROUPS = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
READY = ("running", "degraded")


class Machine(Booted):
    """A booted container. `pid` is its process 1, seen from outside."""

    def __init__(self, pid: int, name: str) -> None:
        self.pid = pid
        self.name = name

    def run(
        self, command: Sequence[str | Path], *, check: bool = True, timeout_s: float = 60.0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs as root inside; output as text. Raises with the output when it fails and `check`."""
        done = subprocess.run(
            self._entered(command), input=given, capture_output=True, text=True, timeout=timeout_s, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def popen(self, command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        """Starts it as root inside, with its output in a pipe; the caller ends it."""
        return subprocess.Popen(self._entered(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def _entered(self, command: Sequence[str | Path]) -> list[str]:
        # The root too: where this program itself runs in a chroot, the namespace alone would leave it in that one.
        entered = ["nsenter", "-t", str(self.pid), "-m", "-r", "-u", "-i", "-n", "-p", "-C", "--", "/usr/bin/env", "-i"]
        return [*entered, f"PATH={ROOTS_PATH}", "LANG=C.UTF-8", "HOME=/root", *map(str, command)]

    @contextmanager
    def logged_in(self, user: str) -> Iterator[None]:
        """The person stays logged in at the screen meanwhile, and logs out at the end."""
        command = login_session(user, "seat0", {}, ["sh", "-c", "echo here; exec sleep infinity"])
        screen = subprocess.Popen(self._entered(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            assert screen.stdout is not None
            assert screen.stdout.readline() == b"here\n"
            yield
        finally:
            self.run(["loginctl", "terminate-user", user], check=False)
            screen.communicate(timeout=10)


@contextmanager
def booted(
    suite: str,
    *,
    network: str | None = None,
    binds: Mapping[str, str] | None = None,
    read_only: Mapping[str, str] | None = None,
    packages: tuple[str, ...] = (),
    fresh: bool = False,
) -> Iterator[Machine]:
    """Boots `suite` in the network namespace at the path `network` (a private, empty one if None). `binds` and
    `read_only` map paths of the host to paths inside; `packages` are what the image has besides the usual ones. A
    `fresh` one has nothing of what our packages need, but can install it."""
    root = fresh_image(suite) if fresh else image(suite, packages)
    name = f"flexbed-{uuid.uuid4().hex[:8]}"
    folder = Path(tempfile.mkdtemp(prefix="flexbed-"))
    command = ["systemd-nspawn", "--quiet", f"--directory={root}", "--volatile=overlay", "--register=no", "--keep-unit"]
    command += [f"--machine={name}", "--bind=/dev/net/tun", "--console=pipe", "--boot"]
    command.append("--capability=CAP_NET_ADMIN")  # given by itself with a private network only
    command.append(f"--network-namespace-path={network}" if network else "--private-network")
    command += [f"--bind={host}:{inside}" for host, inside in (binds or {}).items()]
    command += [f"--bind-ro={host}:{inside}" for host, inside in (read_only or {}).items()]
    groups = own_groups(name)
    log = folder / "console"
    with log.open("wb") as out:
        spawned = subprocess.Popen(
            ["sh", "-c", INTO_GROUPS, "sh", *map(str, groups), "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )
    try:
        until(lambda: _init_of(spawned.pid) or spawned.poll() is not None, BOOT_S, f"{name} to start: see {log}")
        pid = _init_of(spawned.pid)
        if pid is None:
            raise RuntimeError(f"systemd-nspawn ended: {log.read_text(errors='replace')[-2000:]}")
        machine = Machine(pid, name)
        until(lambda: _state(machine) in READY, BOOT_S, f"{name} to boot")
        yield machine
    finally:
        _end(spawned)
        shutil.rmtree(folder, ignore_errors=True)
        for group in groups:
            _sweep(group)


def _state(machine: Machine) -> str:
    return machine.run(["systemctl", "is-system-running"], check=False, timeout_s=20.0).stdout.strip()


def _init_of(pid: int) -> int | None:
    """The descendant of `pid` that is process 1 of a process namespace."""
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        with suppress(OSError):
            status = Path(f"/proc/{one}/status").read_text()
            nested = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
            if len(nested) > 2 and nested[-1] == "1":
                return one
            waiting += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return None


def _end(spawned: subprocess.Popen[bytes]) -> None:
    """Kills process 1 inside, and with it all of the container; nspawn then ends by itself. The view was throw-away."""
    pid = _init_of(spawned.pid)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    try:
        spawned.wait(timeout=10)
    except subprocess.TimeoutExpired:
        spawned.kill()
        spawned.wait()


def own_groups(name: str) -> list[Path]:
    """Control groups of that name beside this process: systemd-nspawn makes its own in the one in which it starts. Two
    machines in the same one would wait for each other: a unit of one has not ended while the other's runs."""
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _number, kind, here = line.split(":", 2)
        unified = CGROUPS / "unified" if (CGROUPS / "unified").is_dir() else CGROUPS
        mounted = {"": unified, "name=systemd": CGROUPS / "systemd"}.get(kind)
        if mounted is not None and mounted.is_dir():
            found.append(mounted / here.lstrip("/") / name)
            found[-1].mkdir()
    return found


def _sweep(group: Path) -> None:
    """systemd-nspawn leaves empty groups where no systemd runs outside."""
    for child in sorted(group.glob("**/"), key=lambda path: len(path.parts), reverse=True):
        with suppress(OSError):
            child.rmdir()

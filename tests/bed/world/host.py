"""A host of a running world: run programs and functions in it."""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

from tests.bed.world.process import CHECKOUT, PYTHON, ROOT, Identity, Program, checked_output, environment_of

P = ParamSpec("P")
T = TypeVar("T")

CLONE_NEWNET = 0x40000000
_File = int | IO[Any] | None


class Host:
    """`pid` is the anchor that holds the host's namespaces; `folder` keeps its logs."""

    def __init__(self, name: str, pid: int, world: str, folder: Path) -> None:
        self.name = name
        self.pid = pid
        self._world = world
        self._folder = folder
        self._started: list[subprocess.Popen[Any]] = []

    def command(self, argv: Sequence[str], identity: Identity = ROOT, cwd: str = "/") -> list[str]:
        """The command line that runs `argv` in this host. It keeps its pid all the way: every link of it execs."""
        # --root: the bed may itself live in a chroot, which entering a mount namespace would leave.
        enter = ["nsenter", f"--target={self.pid}", "--net", "--mount", "--uts", "--root", "--"]
        return [*enter, *identity.command, "env", "-C", cwd, *argv]

    def run(
        self,
        argv: Sequence[str],
        *,
        identity: Identity = ROOT,
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
        stdin: str = "",
        timeout_s: float = 15,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Runs it to its end. With `check`, raises AssertionError with its output unless it exits with 0."""
        done = subprocess.run(
            self.command(argv, identity, cwd),
            env=environment_of(self._world, env),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        return checked_output([self.name + ":", *argv], done) if check else done

    def popen(
        self,
        argv: Sequence[str],
        *,
        identity: Identity = ROOT,
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
        stdin: _File = subprocess.DEVNULL,
        stdout: _File = subprocess.PIPE,
        stderr: _File = subprocess.STDOUT,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Starts it with pipes of the caller's choice. Its pid is the program's own. The world ends it at last."""
        process = subprocess.Popen(
            self.command(argv, identity, cwd),
            env=environment_of(self._world, env),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
        )
        self._started.append(process)
        return process

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        identity: Identity = ROOT,
        env: Mapping[str, str] | None = None,
        cwd: str = CHECKOUT,
        stdin: _File = subprocess.DEVNULL,
    ) -> Program:
        """Starts a service: its output goes to a log of that name."""
        log = self._folder / f"{self.name}.{name}.log"
        with log.open("ab") as out:
            process = self.popen(argv, identity=identity, env=env, cwd=cwd, stdin=stdin, stdout=out)
        return Program(f"{name} on {self.name}", process, log)

    def within(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls `function` in a thread that stands in this host's network; sockets that it returns stay there.

        Only the network is the host's: files, and with them name resolution, are the caller's.
        """
        answers: list[T] = []
        problems: list[BaseException] = []

        def stand_there() -> None:
            try:
                _enter_network(self.pid)
                answers.append(function(*args, **kwargs))
            except BaseException as problem:  # noqa: BLE001 - handed to the caller below
                problems.append(problem)

        thread = threading.Thread(target=stand_there)
        thread.start()
        thread.join()
        if problems:
            raise problems[0]
        return answers[0]

    def call(self, function: Callable[..., T], *args: Any, identity: Identity = ROOT, timeout_s: float = 30) -> T:
        """Calls a module's function in a process of its own on this host, as `identity`; arguments, answer and
        exception travel pickled."""
        done = subprocess.run(
            self.command([PYTHON, "-m", "tests.bed.world.call"], identity, CHECKOUT),
            env=environment_of(self._world, None),
            input=pickle.dumps((function, args)),
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"{self.name}: {function.__name__}: {done.stderr.decode(errors='replace')}")
        answered, value = pickle.loads(done.stdout)
        if not answered:
            raise value
        return value  # type: ignore[no-any-return] # what the function returned

    def write_files(self, files: Mapping[str, str]) -> None:
        """Writes them in the host's own view of the file system, as root, readable for all; folders must be there."""
        for path, text in files.items():
            there = Path(f"/proc/{self.pid}/root{path}")
            there.write_text(text)
            there.chmod(0o644)

    def listens(self, port: int, kind: str = "tcp") -> bool:
        """True when a socket of this host is bound to `port` and, for TCP, listens there."""
        for version in ("", "6"):
            for line in Path(f"/proc/{self.pid}/net/{kind}{version}").read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port and (kind != "tcp" or fields[3] == "0A"):
                    return True
        return False

    def reap(self) -> None:
        """Collects what the world's end left of our children."""
        for process in self._started:
            process.wait(5)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def _enter_network(pid: int) -> None:
    with Path(f"/proc/{pid}/ns/net").open() as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

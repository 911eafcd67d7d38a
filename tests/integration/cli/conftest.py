"""The command line as a real process, against the scripted service on a private bus."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bed.scripted_flexnetd import PrivateBus, Script, ScriptedFlexnetd

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-W", "error", "-m", "flexnetd.cli.main"]


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    subprocess.run([REPOSITORY / "po/compile"], check=True)


@dataclass(frozen=True)
class Cli:
    """`flexnet` in a German environment of its own, in Berlin, at home in `home`."""

    address: str
    home: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self, language: str = "de_DE.UTF-8") -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": language,
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TERM": "xterm",
            "TZ": "Europe/Berlin",
            "DBUS_SYSTEM_BUS_ADDRESS": self.address,
        }

    def __call__(
        self, *arguments: str, typed: str = "", language: str = "de_DE.UTF-8", uid: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs to the end; `typed` is standard input."""
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=REPOSITORY,
            env=self.environment(language),
            input=typed,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=30,
            check=False,
            user=uid,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=REPOSITORY,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def bus(place: Path) -> Iterator[PrivateBus]:
    bus = PrivateBus(place)
    yield bus
    bus.close()


@pytest.fixture
def cli(bus: PrivateBus, tmp_path: Path) -> Iterator[Cli]:
    home = tmp_path / "home"
    home.mkdir()
    cli = Cli(bus.address, home)
    yield cli
    for process in cli.started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


Serve = Callable[..., ScriptedFlexnetd]


@pytest.fixture
def serve(bus: PrivateBus, place: Path) -> Iterator[Serve]:
    """`serve(script)` or `serve(login=[...], ...)` puts the service on the bus."""
    with ExitStack() as stack:

        def start(uid: int | None = None, **script: object) -> ScriptedFlexnetd:
            service = ScriptedFlexnetd(bus, Script(**script), place, uid)  # type: ignore[arg-type]
            stack.callback(service.close)
            return service

        yield start

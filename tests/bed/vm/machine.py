"""A booted Debian with its own kernel: WireGuard, USB and keyboards as in the field.

`with booted_vm("bookworm") as vm:` boots a throw-away view of the image in qemu, with no network device;
`vm.run([...])` runs a command in it as root, `vm.run_as("alice", [...])` in a real login session of logind,
`vm.call(function, ...)` a function of ours there. The VM sees the checkout, read-only, where the host has it.
Nothing written inside survives, and no process is left, whatever becomes of the one that booted it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.bed.await_ import until
from tests.bed.booted import Booted, login_session
from tests.bed.vm import qemu
from tests.bed.vm.channel import Channel, Running, VmEnded, connected
from tests.bed.vm.image import vm_image
from tests.bed.vm.qemu import Share

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parents[3]
BOOT_S = 120.0
"""For a machine with much else to do; alone it is 10 to 20 s by emulation."""
KEY_PORT = "key"
PYTHON_CACHE = {"PYTHONPYCACHEPREFIX": "/var/cache/bed"}
"""Where the VM keeps what it compiled: the checkout cannot take it."""
SHARED = "trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro"


class Vm(Booted):
    """`folder` holds its sockets while it lives; `state` is what systemd called the finished start."""

    def __init__(self, channel: Channel, folder: Path) -> None:
        self._channel = channel
        self.folder = folder
        self.state = channel.state

    @property
    def key_socket(self) -> Path:
        """Leads to /dev/virtio-ports/bed.key inside."""
        return self.folder / f"{KEY_PORT}.sock"

    def run(
        self, command: Sequence[str | Path], *, check: bool = True, timeout_s: float = 60.0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        running = self._channel.start(command, given=given.encode(), timeout_s=timeout_s)
        status = running.wait()
        if check and status != 0:
            raise AssertionError(f"{running}: {status}\n{running.said()}")
        out, err = running.out.decode(errors="replace"), running.err.decode(errors="replace")
        return subprocess.CompletedProcess(list(running.argv), status, out, err)

    def start(
        self,
        command: Sequence[str | Path],
        *,
        given: str = "",
        environment: Mapping[str, str] | None = None,
        cwd: str = "/",
        timeout_s: float = 60.0,
    ) -> Running:
        """Starts it as root and returns; it is killed after `timeout_s`."""
        return self._channel.start(command, given=given.encode(), environment=environment, cwd=cwd, timeout_s=timeout_s)

    def call(self, function: Callable[..., T], *args: Any, become: Sequence[str] = (), timeout_s: float = 60.0) -> T:
        """Calls a module's function in a process of its own inside, with the distribution's Python and libraries.
        Arguments, answer and exception travel pickled. `become`: a command that runs the rest as somebody else."""
        running = self._channel.start(
            [*become, "python3", "-m", "tests.bed.world.call"],
            given=pickle.dumps((function, args)),
            environment=PYTHON_CACHE,
            cwd=str(CHECKOUT),
            timeout_s=timeout_s,
        )
        if running.wait() != 0:
            raise AssertionError(f"{function.__name__}: {running.said()}")
        answered, value = pickle.loads(running.out)
        if not answered:
            raise value
        return value  # type: ignore[no-any-return] # what the function returned

    @contextmanager
    def logged_in(self, user: str) -> Iterator[None]:
        """The person stays logged in at the screen meanwhile, and logs out at the end."""
        command = login_session(user, "seat0", {}, ["sh", "-c", "echo here; exec sleep infinity"])
        screen = self.start(command, timeout_s=600)
        screen.await_line("here", 60)
        try:
            yield
        finally:
            self.run(["loginctl", "terminate-user", user], check=False)
            screen.wait(within_s=30)


@contextmanager
def booted_vm(suite: str, *, shares: Sequence[Share] = ()) -> Iterator[Vm]:
    """Boots a Debian `suite`; `shares` beside the checkout."""
    image = vm_image(suite)
    seen = (Share(CHECKOUT, str(CHECKOUT)), *shares)
    folder = Path(tempfile.mkdtemp(prefix="flexbed-vm-"))
    serial = folder / "serial"
    line = qemu.command(image, folder, serial=f"file:{serial}", ports=("agent", KEY_PORT), shares=seen)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with (folder / "qemu").open("wb") as said:
            started = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={"PATH": os.environ.get("PATH", ""), "TMPDIR": str(folder)},
            )
        stack.callback(_end, started)
        channel = _channel(started, folder)
        stack.callback(channel.close)
        try:
            channel.await_ready(BOOT_S)
        except (TimeoutError, VmEnded) as problem:
            raise RuntimeError(f"{suite} did not boot: {problem}\n{_said(folder)}") from None
        vm = Vm(channel, folder)
        _mount(vm, seen)
        yield vm


def _channel(started: subprocess.Popen[bytes], folder: Path) -> Channel:
    path = folder / "agent.sock"
    until(lambda: path.exists() or started.poll() is not None, 20, "qemu to start")
    try:
        return Channel(connected(path))
    except OSError:
        raise RuntimeError(f"qemu did not start:\n{_said(folder)}") from None


def _mount(vm: Vm, shares: Sequence[Share]) -> None:
    lines = [
        f"mkdir -p {share.inside} && mount -t 9p -o {SHARED} share{number} {share.inside}"
        for number, share in enumerate(shares)
    ]
    vm.run(["sh", "-ec", "\n".join(lines)])


def _said(folder: Path) -> str:
    """The ends of what qemu and the kernel said."""
    files = [folder / "qemu", folder / "serial"]
    return "\n".join(file.read_text(errors="replace")[-2000:] for file in files if file.exists())


def _end(started: subprocess.Popen[bytes]) -> None:
    """There is nothing in it that would want to be shut down."""
    started.kill()
    started.wait()

"""A booted Debian with its own kernel: WireGuard, USB and keyboards as in the field.

`with booted_vm("bookworm") as vm:` boots a throw-away view of the image in qemu, with no network device;
`vm.run([...])` runs a command in it as root, `vm.run_as("alice", [...])` in a real login session of logind,
`vm.call(function, ...)` a function of ours there. The VM sees the checkout, read-only, where the host has it.
Nothing written inside survives, and no process is left, whatever becomes of the one that booted it.
"""

from __future__ import annotations

import pickle
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.bed.booted import Booted, login_session
from tests.bed.vm import qemu
from tests.bed.vm.channel import Channel, Running
from tests.bed.vm.image import vm_image
from tests.bed.vm.qemu import KEY_PORT, Share
from tests.bed.vm.saved import BOOT_S, saved_boot
from tests.bed.vm.started import SERIAL, started

T = TypeVar("T")

CHECKOUT = Path(__file__).resolve().parents[3]
WAKING_S = 120.0
"""For a machine with much else to do; alone it is 2 s."""
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
    """A Debian `suite`, booted or woken; `shares` beside the checkout."""
    image = vm_image(suite)
    seen = (Share(CHECKOUT, str(CHECKOUT)), *shares)
    with tempfile.TemporaryDirectory(prefix="flexbed-vm-") as name:
        folder = Path(name)
        if qemu.accelerator() == qemu.KVM:
            line, ready_s = qemu.command(image, folder, serial=f"file:{folder / SERIAL}", shares=seen), BOOT_S
        else:
            line, ready_s = saved_boot(image).command(folder, *seen), WAKING_S
        with started(line, folder, ready_s) as channel:
            vm = Vm(channel, folder)
            _mount(vm, seen)
            yield vm


def _mount(vm: Vm, shares: Sequence[Share]) -> None:
    lines = [
        f"mkdir -p {share.inside} && mount -t 9p -o {SHARED} share{number} {share.inside}"
        for number, share in enumerate(shares)
    ]
    vm.run(["sh", "-ec", "\n".join(lines)])

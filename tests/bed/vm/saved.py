"""A boot that is kept: what a VM is once it is up, saved beside its image and woken by every later use.

An emulated boot is half a minute of a processor's work and always the same, so it is done once for an image, a qemu and
a command line; waking takes two seconds. With KVM a boot takes little more, and nothing is kept.

What a woken VM must not keep is put right: the kernel draws new random numbers when it is told of its new generation
(vmgenid), and the agent sets the clock. Folders of the host are mounted after waking: qemu saves no VM that has any.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.bed.await_ import until
from tests.bed.nspawn.image import cache_folder, locked
from tests.bed.vm import qemu
from tests.bed.vm.channel import Channel
from tests.bed.vm.image import VmImage
from tests.bed.vm.started import SERIAL, started

BOOT_S = 600.0
"""For a machine with much else to do; alone it is 20 to 30 s by emulation."""
SAVED_WITHIN_S = 120.0
UNLIMITED = 1 << 40
LONGEST_STOP_MS = 60_000
WARM = ("modprobe -a 9p 9pnet_virtio", "python3 -c 'import dbus, pyroute2, cryptography'")
"""What every use would do at first."""


@dataclass(frozen=True, slots=True)
class SavedBoot:
    """`image` has the disk as it was when `state` was saved."""

    image: VmImage
    state: Path

    def command(self, folder: Path, *shares: qemu.Share) -> list[str]:
        """qemu's command line."""
        waking = ["-incoming", f"exec:cat {shlex.quote(str(self.state))}"]
        return [*qemu.command(self.image, folder, serial=f"file:{folder / SERIAL}", shares=shares), *waking]


def saved_boot(image: VmImage) -> SavedBoot:
    """Made now if it is not there."""
    version = subprocess.run([qemu.QEMU, "--version"], check=True, capture_output=True, text=True).stdout
    texts = [version, *qemu.command(image, Path("folder"), serial="file:serial"), *WARM]
    known = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
    folder = cache_folder() / f"{image.disk.parent.name}-up-{known}"
    with locked(folder.with_suffix(".lock")):
        if not folder.exists():
            half = folder.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            _make(image, half)
            half.rename(folder)
    return SavedBoot(replace(image, disk=folder / "disk"), folder / "state")


def _make(image: VmImage, folder: Path) -> None:
    disk = folder / "disk"
    subprocess.run(["cp", "--sparse=always", image.disk, disk], check=True)
    with tempfile.TemporaryDirectory(prefix="flexbed-vm-") as place:
        serial, monitor = Path(place) / SERIAL, Path(place) / "monitor"
        line = qemu.command(replace(image, disk=disk), Path(place), serial=f"file:{serial}", forgets=False)
        line += ["-qmp", f"unix:{monitor},server=on,wait=off"]
        with started(line, Path(place), BOOT_S) as channel:
            _warm(channel)
            _save(Monitor(monitor), folder / "state")


def _warm(channel: Channel) -> None:
    for words in (*WARM, "sync"):
        running = channel.start(["sh", "-c", words])
        if running.wait() != 0:
            raise RuntimeError(f"{words}: {running.said()}")


class Monitor:
    """qemu's own port (QMP)."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")
        self._lines.readline()  # its greeting
        self.do("qmp_capabilities")

    def do(self, word: str, values: dict[str, object] | None = None) -> Any:
        """Raises RuntimeError with what qemu has against it."""
        self._socket.sendall(json.dumps({"execute": word, "arguments": values or {}}).encode() + b"\n")
        for line in self._lines:
            told = json.loads(line)
            if "error" in told:
                raise RuntimeError(f"{word}: {told['error']['desc']}")
            if "return" in told:  # the rest are events
                return told["return"]
        raise RuntimeError(f"{word}: qemu ended")

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


def _save(monitor: Monitor, state: Path) -> None:
    """The VM stands still at its end. One that was stopped before would wake up stopped."""
    try:
        monitor.do("migrate-set-parameters", {"max-bandwidth": UNLIMITED, "downtime-limit": LONGEST_STOP_MS})
        monitor.do("migrate", {"uri": f"exec:cat >{shlex.quote(str(state))}"})
        until(lambda: _saved(monitor), SAVED_WITHIN_S, "the state to be saved")
    finally:
        monitor.close()


def _saved(monitor: Monitor) -> bool:
    told = monitor.do("query-migrate")
    if told.get("status") == "failed":
        raise RuntimeError(f"qemu did not save: {told}")
    return bool(told.get("status") == "completed")

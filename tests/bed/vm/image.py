"""A Debian with its own kernel, as files that qemu boots: the same root file system as the container's, and the
distribution's generic kernel. Made once, kept beside the container's image, named by everything that goes into it.

A kernel that the mirror has renewed is taken when the recipe changes, not before: like the packages around it.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bed.nspawn.image import cache_folder, image, locked
from tests.bed.vm.initramfs import DISK_MODULES, INIT, initramfs
from tests.bed.vm.kernel import MODULES, fetched_kernel, install_modules, order_of

HERE = Path(__file__).parent
RECIPE_VERSION = 1
SIZE = "2G"
AGENT = HERE / "agent.py"
MASKED = (
    "systemd-binfmt.service",
    "proc-sys-fs-binfmt_misc.automount",
    "dev-hugepages.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
)
"""What takes time at each start beyond what a container has, and serves nobody here."""
LOGIND = "[Service]\nTemporaryFileSystem=/sys/devices/virtual/tty/tty0\n"
"""Without virtual consoles whoever came last to the seat is active, as in a container."""
UNITS = (HERE / "bed-agent.service", HERE / "bed-shell.service")


@dataclass(frozen=True, slots=True)
class VmImage:
    kernel: Path
    initramfs: Path
    disk: Path
    """ext4, the whole device; to be written to in snapshots only."""


def vm_image(suite: str) -> VmImage:
    """The image of a Debian `suite` ("bookworm", "trixie"), made now if it is not there."""
    base = image(suite)
    texts = [str(RECIPE_VERSION), base.name, SIZE, INIT, LOGIND, *MODULES, *DISK_MODULES, *MASKED, AGENT.read_text()]
    texts += [unit.read_text() for unit in UNITS]
    name = f"vm-{suite}-{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:12]}"
    folder = cache_folder() / name
    with locked(folder.with_suffix(".lock")):
        if not folder.exists():
            _make(suite, base, folder)
    return VmImage(folder / "vmlinuz", folder / "initramfs", folder / "disk")


def _make(suite: str, base: Path, folder: Path) -> None:
    work = folder.with_suffix(".half")
    shutil.rmtree(work, ignore_errors=True)
    root, done = work / "root", work / "done"
    done.mkdir(parents=True)
    kernel = fetched_kernel(suite, work)
    subprocess.run(["cp", "--archive", "--one-file-system", base, root], check=True)
    install_modules(kernel, root)
    _configure(root)
    busybox = next(path for path in (root / "usr/bin/busybox", root / "bin/busybox") if path.is_file())
    files = order_of(root, kernel.release, DISK_MODULES)
    (done / "initramfs").write_bytes(initramfs(busybox.read_bytes(), files))
    shutil.copy(kernel.image, done / "vmlinuz")
    _pack(root, done / "disk")
    done.rename(folder)
    shutil.rmtree(work)


def _configure(root: Path) -> None:
    """What a machine has and a container has not."""
    library = root / "usr/local/lib/bed"
    library.mkdir(parents=True)
    shutil.copy(AGENT, library)
    system = root / "etc/systemd/system"
    wants = system / "multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    for unit in UNITS:
        shutil.copy(unit, system)
        (wants / unit.name).symlink_to(f"../{unit.name}")
    logind = system / "systemd-logind.service.d"
    logind.mkdir()
    (logind / "bed.conf").write_text(LOGIND)
    for name in MASKED:
        (system / name).symlink_to("/dev/null")


def _pack(root: Path, disk: Path) -> None:
    with disk.open("wb"):
        pass
    subprocess.run(["truncate", "--size", SIZE, disk], check=True)
    plain = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=0"]
    subprocess.run(["mkfs.ext4", *plain, "-d", root, disk], check=True)

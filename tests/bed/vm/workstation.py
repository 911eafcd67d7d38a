"""A workstation with a kernel of its own: the product as installed, a key in its USB port, and the folders by which an
operator can come inside (operator.py)."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bed.nspawn.image import image
from tests.bed.nspawn.product import install, installed_files
from tests.bed.vm.machine import Vm, booted_vm
from tests.bed.vm.operator import SHARES
from tests.bed.vm.qemu import Share
from tests.bed.vm.usb_key import usb_key
from tests.bed.yubikey.plugged_key import PluggedKey

PACKAGES = "usr/lib/python3/dist-packages/flexnetd"


@dataclass(frozen=True, slots=True)
class VmWorkstation:
    suite: str
    vm: Vm
    key: PluggedKey


@contextmanager
def vm_workstation(suite: str) -> Iterator[VmWorkstation]:
    """Booted and installed, the key plugged in; no operator yet."""
    with contextlib.ExitStack() as stack:
        files = stack.enter_context(installed_files())
        compile_here(suite, files)
        vm = stack.enter_context(booted_vm(suite, shares=(*SHARES, Share(files, "/product"))))
        install(vm, files)
        yield VmWorkstation(suite, vm, stack.enter_context(usb_key(vm)))


def compile_here(suite: str, files: Path) -> None:
    """By the suite's own Python, on this machine's processor: emulated it takes a minute."""
    script = 'mount --bind "$1" "$2/mnt"; exec chroot "$2" python3 -m compileall -q -s /mnt -p / "/mnt/$3"'
    subprocess.run(["unshare", "--mount", "sh", "-ec", script, "sh", files, image(suite), PACKAGES], check=True)

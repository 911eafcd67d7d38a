"""A shell in a booted Debian with its own kernel, for people: `python -m tests.bed.vm [bookworm|trixie]`.

The checkout is at /checkout, read-only, after `mount -t 9p share0 /checkout`. Ctrl-D, or `poweroff -ff`, ends it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bed.vm import qemu
from tests.bed.vm.image import vm_image
from tests.bed.vm.machine import CHECKOUT
from tests.bed.vm.qemu import Share


def main() -> int:
    suite = sys.argv[1] if len(sys.argv) > 1 else "bookworm"
    image = vm_image(suite)
    with tempfile.TemporaryDirectory(prefix="flexbed-vm-") as folder:
        line = qemu.command(
            image,
            Path(folder),
            serial="chardev:console",
            shares=(Share(CHECKOUT, "/checkout"),),
            more_words="bed.shell",
        )
        line += ["-chardev", "stdio,id=console,signal=off"]
        print(f"{suite}, by {qemu.accelerator()}; a shell comes in some seconds. Ctrl-D ends it.")
        return subprocess.run(line, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

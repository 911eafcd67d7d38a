"""Which modules a VM has, and the archive that brings the first of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.bed.vm.initramfs import INIT, initramfs
from tests.bed.vm.kernel import needed


def test_what_is_needed_comes_before_who_needs_it() -> None:
    wants = {"usbhid": ["hid", "usbcore"], "hid": ["core"], "usbcore": ["core"]}
    assert needed(["usbhid", "hid"], wants) == ["core", "hid", "usbcore", "usbhid"]


def test_busybox_reads_the_archive(tmp_path: Path) -> None:
    module = tmp_path / "odd.ko"
    module.write_bytes(b"odd")  # to be padded
    archive = initramfs(b"the shell", [module])
    subprocess.run(["busybox", "cpio", "-id"], cwd=tmp_path, input=archive, check=True, capture_output=True)
    found = {name: (tmp_path / name).read_bytes() for name in ("init", "bin/busybox", "m/order", "m/odd.ko")}
    assert found == {"init": INIT.encode(), "bin/busybox": b"the shell", "m/order": b"odd.ko\n", "m/odd.ko": b"odd"}

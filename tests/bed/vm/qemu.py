"""qemu's command line: no network, a disk that forgets, folders of the host read-only, virtio ports.

Whether there is KVM is tried, not asked. Where this very machine is virtual, /dev/kvm may be there and fail at once; or
it may be there without any support of the processor's, and then a kernel that does not know of it is interpreted: one
took 31 s to its memory map, where the emulator takes 1 s. So a processor's flag must be there, and a boot sector that
ends the VM at once must do so.

Emulated, the VM has one processor. With two, qemu's emulator now and then runs code that the other processor has just
rewritten, which Linux does all the time (static keys): about one boot of 6.12 in four ended in "Oops: int3".

And its clock counts instructions, one a nanosecond, while it works; while it idles, time passes as outside. So to the
programs in it the VM is a small computer of today, however slow the emulator and however busy this machine: what the
product does within two seconds it does there as well, and the same every time.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bed.vm.image import VmImage

QEMU = "qemu-system-x86_64"
PROCESSOR = "qemu64"
"""The same one with and without KVM, so that a test means the same on every machine."""
KVM, EMULATED = "kvm", "tcg,tb-size=512"
ACCELERATOR_VARIABLE = "FLEXNET_BED_ACCELERATOR"
KVM_ANSWERS_WITHIN_S = 2.0
_BOOT_SECTOR = bytes.fromhex("baf400b010eef4").ljust(510, b"\0") + b"\x55\xaa"  # mov dx,0xf4; mov al,0x10; out dx,al
_ENDED_BY_IT = 0x10 << 1 | 1

AGENT_PORT, KEY_PORT = PORTS = ("agent", "key")
MOST_SHARES = 3
"""And the least: a VM that sleeps wakes with as many devices as it had."""
KERNEL_WORDS = (
    "console=ttyS0 quiet mitigations=off nokaslr panic=-1 audit=0 selinux=0 apparmor=0 net.ifnames=0 "
    "raid=noautodetect random.trust_cpu=1 systemd.show_status=0 systemd.gpt_auto=0"
)


@dataclass(frozen=True, slots=True)
class Share:
    """A folder of the host, seen read-only at `inside`."""

    folder: Path
    inside: str


@functools.cache
def accelerator() -> str:
    """For qemu's -accel: "kvm" where it works, else the emulator. The variable decides, where it is set."""
    return os.environ.get(ACCELERATOR_VARIABLE) or (KVM if kvm_works() else EMULATED)


def kvm_works() -> bool:
    if not re.search(r"^flags\s*:.* (svm|vmx)\b", Path("/proc/cpuinfo").read_text(), re.MULTILINE):
        return False
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with tempfile.NamedTemporaryFile(prefix="flexbed-", suffix=".boot") as sector:
        sector.write(_BOOT_SECTOR)
        sector.flush()
        command = [QEMU, "-accel", KVM, "-cpu", PROCESSOR, "-display", "none", "-nodefaults", "-nic", "none"]
        command += ["-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        command += ["-drive", f"file={sector.name},format=raw,if=floppy,readonly=on", "-boot", "a"]
        try:
            done = subprocess.run(command, timeout=KVM_ANSWERS_WITHIN_S, capture_output=True, check=False)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == _ENDED_BY_IT


def command(
    image: VmImage,
    folder: Path,
    *,
    serial: str,
    shares: Sequence[Share] = (),
    more_words: str = "",
    forgets: bool = True,
) -> list[str]:
    """`folder` gets a socket PORT.sock for each of PORTS, which are /dev/virtio-ports/bed.PORT inside. It dies with
    whoever starts it. The shares' tags are share0, share1 ...; `forgets` what it writes to its disk."""
    assert len(shares) <= MOST_SHARES
    line = ["setpriv", "--pdeathsig", "KILL", QEMU, "-M", "pc", "-accel", accelerator(), "-cpu", PROCESSOR]
    line += ["-smp", "2"] if accelerator() == KVM else ["-smp", "1", "-icount", "shift=0,sleep=on"]
    line += ["-m", "1536", "-display", "none", "-nodefaults", "-no-reboot", "-nic", "none"]
    line += ["-serial", serial, "-kernel", str(image.kernel), "-initrd", str(image.initramfs)]
    line += ["-append", f"{KERNEL_WORDS} {more_words}".strip()]
    snapshot = "on" if forgets else "off"
    line += ["-drive", f"if=none,id=disk,file={image.disk},format=raw,snapshot={snapshot},cache=unsafe"]
    line += ["-device", "virtio-blk-pci,drive=disk", "-device", "vmgenid,guid=auto"]
    line += ["-object", "rng-random,filename=/dev/urandom,id=random", "-device", "virtio-rng-pci,rng=random"]
    folders = [*(share.folder for share in shares), *[folder] * MOST_SHARES][:MOST_SHARES]
    for number, shared in enumerate(folders):
        how = "security_model=none,readonly=on,multidevs=remap"
        line += ["-virtfs", f"local,path={shared},mount_tag=share{number},{how}"]
    line += ["-device", "virtio-serial-pci"]
    for port in PORTS:
        line += ["-chardev", f"socket,id={port},path={folder / port}.sock,server=on,wait=off"]
        line += ["-device", f"virtserialport,chardev={port},name=bed.{port}"]
    return line

"""The first file system of a boot: busybox, and the few modules that reach the disk. Pure, but for reading files.

An initramfs is a cpio archive in the "newc" format: headers of hexadecimal numbers, everything padded to four bytes.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

DISK_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "crc32c", "ext4")
FOLDERS = ("bin", "dev", "proc", "sys", "root", "m")
INIT = """\
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for m in $($b cat /m/order); do $b insmod /m/$m 2>/dev/null; done
i=0; while [ ! -b /dev/vda ] && [ $i -lt 250 ]; do $b usleep 20000; i=$((i+1)); done
$b mount -t ext4 -o rw,noatime /dev/vda /root || { echo "init: no root" >/dev/console; $b poweroff -f; }
$b mount --move /dev /root/dev; $b umount /sys; $b umount /proc
exec $b switch_root /root /sbin/init
"""


def initramfs(busybox: bytes, modules: Iterable[Path]) -> bytes:
    """`modules` in the order in which they are loaded."""
    files = list(modules)
    order = "".join(f"{file.name}\n" for file in files)
    parts = [_entry(folder, stat.S_IFDIR | 0o755, b"") for folder in FOLDERS]
    parts.append(_entry("init", stat.S_IFREG | 0o755, INIT.encode()))
    parts.append(_entry("bin/busybox", stat.S_IFREG | 0o755, busybox))
    parts.append(_entry("m/order", stat.S_IFREG | 0o644, order.encode()))
    parts += [_entry(f"m/{file.name}", stat.S_IFREG | 0o644, file.read_bytes()) for file in files]
    parts.append(_entry("TRAILER!!!", 0, b""))
    return b"".join(parts)


def _entry(name: str, mode: int, data: bytes) -> bytes:
    inode, uid, gid, links, mtime, major, minor, r_major, r_minor, check = 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    numbers = (inode, mode, uid, gid, links, mtime, len(data), major, minor, r_major, r_minor, len(name) + 1, check)
    header = b"070701" + b"".join(b"%08x" % number for number in numbers) + name.encode() + b"\0"
    return _padded(header) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)

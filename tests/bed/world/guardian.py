"""The process that holds a world and ends it.

Started by `World` as a script of its own (`python -I -S guardian.py`); it imports nothing of ours. Its rules:
- It holds one child, an *anchor*, for every host. The anchor owns the host's network, mount and host-name namespace and
  does nothing else. Whoever wants to run something in the host enters the anchor's namespaces.
- It reads what to build from its standard input, answers with the anchors' pids, and then waits for the end of that
  input. The end comes when the world's maker is done or is dead, whatever killed it.
- Then it ends every process that lives in one of its network namespaces, by pid, removes the world's folder, and goes.
  Interfaces, routes, mounts and filters vanish with the namespaces: nothing is left to undo.
- The anchors die with it, should somebody kill it.

A mount namespace of a host has its own /run and /sys (a network namespace sees the interfaces of the one in which its
/sys was mounted), the checkout at a path that every uid can reach (it may lie in /root), and the files of the plan over
the machine's own.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNET = 0x20000, 0x4000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 2, 4, 0x1000, 0x2000, 0x4000, 1 << 18
PR_SET_PDEATHSIG = 1
FOLDER_PREFIX = "flexnet-bed-"
LONGEST_END_S = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the maker decides, by closing our input
    request = json.loads(sys.stdin.readline())
    folder = Path(request["folder"])
    anchors: dict[str, int] = {}
    try:
        for host in request["hosts"]:
            anchors[host["name"]] = _anchor(host, request["checkout"], folder)
        print(json.dumps(anchors), flush=True)
        sys.stdin.read()
    finally:
        _end_everything(set(anchors.values()))
        if folder.name.startswith(FOLDER_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)


def _anchor(host: dict[str, Any], checkout: str, folder: Path) -> int:
    """Forks the process that holds the host's namespaces; returns when they are furnished."""
    reader, writer = os.pipe()
    guardian = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            _checked(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "prctl")
            if os.getppid() != guardian:
                os._exit(1)
            _furnish(host, checkout, folder)
            os.write(writer, b"ready")
        except BaseException as problem:  # noqa: BLE001 - told to the maker; a child must not go on
            os.write(writer, f"{type(problem).__name__}: {problem}".encode())
            os._exit(1)
        os.close(writer)
        for descriptor in (0, 1):
            os.close(descriptor)  # else the maker would wait for our copies to close
        while True:
            signal.pause()
    os.close(writer)
    said = os.read(reader, 4096).decode()
    os.close(reader)
    if said != "ready":
        raise RuntimeError(f"host {host['name']}: {said}")
    return pid


def _furnish(host: dict[str, Any], checkout: str, folder: Path) -> None:
    _checked(_libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET), "unshare")
    socket.sethostname(host["name"])
    # In a chroot, / must be a mount point for this: `mount --bind ROOT ROOT` before.
    _mount("none", "/", "", MS_REC | MS_PRIVATE)
    _mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    Path("/run/bed/checkout").mkdir(parents=True)
    _mount(checkout, "/run/bed/checkout", "", MS_BIND)
    _mount_sys()
    for path, text in host["files"].items():
        _lay_over(Path(path), text, folder / "files" / host["name"])
    for name, value in host["settings"].items():
        (Path("/proc/sys") / name).write_text(value)


def _mount_sys() -> None:
    """A /sys of this network, with the machine's control groups in it: sd-login looks how they are mounted."""
    kept = Path("/run/bed/cgroup")
    kept.mkdir()
    groups = Path("/sys/fs/cgroup")
    have_groups = groups.is_mount()
    if have_groups:
        _mount(str(groups), str(kept), "", MS_BIND | MS_REC)
    _mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV)
    if have_groups:
        _mount(str(kept), str(groups), "", MS_MOVE)


def _lay_over(path: Path, text: str, ours: Path) -> None:
    """A file of ours at `path`, in this mount namespace only. A link that leads into /run (/etc/resolv.conf often is
    one) leads into our empty /run now: there the file is simply made."""
    target = path.resolve()
    if target.is_relative_to("/run"):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return
    source = ours / path.relative_to("/")
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    source.chmod(0o644)
    _mount(str(source), str(target), "", MS_BIND)


def _end_everything(anchors: set[int]) -> None:
    """SIGKILL to whatever lives in the anchors' networks, then to the anchors."""
    networks = {network for pid in anchors if (network := network_of(pid))}
    until = time.monotonic() + LONGEST_END_S
    while time.monotonic() < until:
        living = [pid for pid in pids() if pid not in anchors and network_of(pid) in networks]
        if not living:
            break
        for pid in living:
            kill_if_in(pid, networks)
        time.sleep(0.005)
    for pid in anchors:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def network_of(pid: int) -> str:
    """The network namespace of a process, "net:[NUMBER]"; "" when it is gone or dead."""
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


def kill_if_in(pid: int, networks: set[str]) -> None:
    """Looks again after the process is held by a descriptor: a pid can have a new owner by now."""
    try:
        held = os.pidfd_open(pid)
    except OSError:
        return
    try:
        if network_of(pid) in networks:
            signal.pidfd_send_signal(held, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        os.close(held)


def pids() -> list[int]:
    """Every process of the machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    _checked(_libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode()), f"mount of {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main()

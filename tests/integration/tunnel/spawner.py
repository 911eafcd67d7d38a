"""Makes user-space WireGuard devices on demand, for hosts whose kernel has none. Runs as root in the host.

    python tests/integration/tunnel/spawner.py SOCKET UID

One line in, "create NAME"; `wireguard-go -f NAME` is started beside us as UID with CAP_NET_ADMIN, so that its UAPI
socket is UID's; one line out, "ok" when the socket is there, or "error TEXT". Deleting the link ends wireguard-go.

The socket and its folder must be left alone once wireguard-go runs: it watches the folder with a buffer of no size, so
that any event there (a chown, a chmod) is an error to it, and it ends without a word.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

SOCKETS = Path("/var/run/wireguard")
LONGEST_START_S = 5.0


def main() -> None:
    path, uid = sys.argv[1], int(sys.argv[2])
    SOCKETS.mkdir(mode=0o755, exist_ok=True)
    os.chown(SOCKETS, uid, uid)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        Path(path).chmod(0o666)
        listener.listen(8)
        print("ready", flush=True)
        children: list[subprocess.Popen[bytes]] = []
        while True:
            asking, _ = listener.accept()
            children = [child for child in children if child.poll() is None]
            with asking:
                word, _, name = asking.makefile().readline().strip().partition(" ")
                assert word == "create"
                asking.sendall(f"{create(name, uid, children)}\n".encode())


def create(name: str, uid: int, children: list[subprocess.Popen[bytes]]) -> str:
    served = SOCKETS / f"{name}.sock"
    served.unlink(missing_ok=True)  # SIGKILL leaves a stale one
    caps = "-all,+net_admin"
    identity = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups", f"--inh-caps={caps}", f"--ambient-caps={caps}"]
    child = subprocess.Popen(["setpriv", *identity, "wireguard-go", "-f", name], stdin=subprocess.DEVNULL)
    children.append(child)
    end = time.monotonic() + LONGEST_START_S
    while not served.exists():
        if child.poll() is not None or time.monotonic() > end:
            return "error wireguard-go did not start"
        time.sleep(0.002)
    return "ok"


if __name__ == "__main__":
    main()

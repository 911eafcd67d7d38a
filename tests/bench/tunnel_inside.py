"""Runs in the VM, called by tunnel.py: the tunnel engine beside wg-quick, towards a far end in a namespace.

Both have the same peer, prefix, address and resolver. Times are of the VM's clock, in ms, of calls and commands that
were made once before, in turn.
"""

from __future__ import annotations

import base64
import ctypes
import os
import socket
import subprocess
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_interface, ip_network
from pathlib import Path

from flexnetd.model.network import Endpoint
from flexnetd.model.secret import SecretBytes
from flexnetd.tunnel.changes import LoadGuard
from flexnetd.tunnel.engine import Tunnel
from flexnetd.tunnel.guard import load_guard, remove_guard
from flexnetd.tunnel.guard_document import Guard, guard_document
from flexnetd.tunnel.spec import Peer, TunnelSpec, Users

LAPTOP, GATEWAY, OWN, BEHIND, RESOLVER = "10.200.0.1", "10.200.0.2", "10.89.0.7", "10.88.0.80", "10.88.0.53"
INTRANET, PORT, SINK = "10.88.0.0/16", 51820, 9000
QUICK = Path("/etc/wireguard/quick0.conf")
ROUTES, LINKS = 10_000, 200
BLOCK = bytes(1 << 16)
SECRET_OF_GATEWAY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
FAR_END = f"""
ip netns add far
ip link add near0 type veth peer name far0 netns far
ip addr add {LAPTOP}/24 dev near0
ip link set near0 up
ip -n far addr add {GATEWAY}/24 dev far0
ip -n far link set far0 up
ip -n far link add wg0 type wireguard
ip -n far addr add {BEHIND}/16 dev wg0
echo {SECRET_OF_GATEWAY} >/run/far.key
ip netns exec far wg set wg0 listen-port {PORT} private-key /run/far.key
ip -n far link set wg0 mtu 1400 up
ip -n far route add {OWN}/32 dev wg0
"""


def up_and_down(turns: int) -> dict[str, list[float]]:
    """Makes the far end, too."""
    subprocess.run(["sh", "-ec", FAR_END], check=True)
    _write_quick()
    tunnel, spec = Tunnel(), _spec()
    found: dict[str, list[float]] = {}

    def quick(word: str) -> None:
        subprocess.run(["wg-quick", word, "quick0"], check=True, capture_output=True)

    def up() -> None:
        tunnel.prepare(SecretBytes(os.urandom(32)))
        assert tunnel.make_it_so(spec).health == ()

    for turn in range(turns + 1):
        for name, call in (
            ("ours up", up),
            ("ours down", lambda: tunnel.make_it_so(None)),
            ("wg-quick up", lambda: quick("up")),
            ("wg-quick down", lambda: quick("down")),
        ):
            took = _ms(call)
            if turn > 0:
                found.setdefault(name, []).append(took)
    return found


def guards(turns: int) -> dict[str, list[float]]:
    """The same guard by nft as a process, and by its library in this one; the library's memory in MiB."""
    tunnel = Tunnel()
    tunnel.prepare(SecretBytes(os.urandom(32)))
    guard = next(change.guard for change in tunnel.make_it_so(_spec()).changes if isinstance(change, LoadGuard))
    before = _pss_mib()
    library = Library()
    library.load(guard)
    memory = _pss_mib() - before
    found: dict[str, list[float]] = {"process": [], "library": [], "library's memory": [memory]}
    for _ in range(turns):
        found["process"].append(_ms(lambda: load_guard(guard)))
        found["library"].append(_ms(lambda: library.load(guard)))
    remove_guard()
    tunnel.clean()
    return found


class Library:
    """libnftables in this process."""

    def __init__(self) -> None:
        self._nft = ctypes.CDLL("libnftables.so.1")
        self._nft.nft_ctx_new.restype = ctypes.c_void_p
        self._nft.nft_run_cmd_from_buffer.argtypes = (ctypes.c_void_p, ctypes.c_char_p)
        self._context = self._nft.nft_ctx_new(0)

    def load(self, guard: Guard) -> None:
        status = self._nft.nft_run_cmd_from_buffer(self._context, guard_document(guard).encode())
        assert status == 0, status


def nothing_to_do(turns: int) -> tuple[list[float], int]:
    """Beside others' routes and links: how long it takes to see that all is well, and how many changes were made."""
    tunnel, spec = Tunnel(), _spec()
    tunnel.prepare(SecretBytes(os.urandom(32)))
    tunnel.make_it_so(spec)
    links = "".join(f"link add many{n} type veth peer name other{n}\n" for n in range(LINKS))
    routes = "".join(f"route add 11.{n >> 8}.{n & 255}.0/24 via {GATEWAY} dev near0\n" for n in range(ROUTES))
    subprocess.run(["ip", "-batch", "-"], input=(links + routes).encode(), check=True)
    changes = 0
    times = []

    def again() -> None:
        nonlocal changes
        changes += len(tunnel.make_it_so(spec).changes)

    for _ in range(turns):
        times.append(_ms(again))
    tunnel.clean()
    gone = "".join(f"link del many{n}\n" for n in range(LINKS))
    subprocess.run(["ip", "-batch", "-"], input=gone.encode(), check=True)
    subprocess.run(["ip", "route", "flush", "root", "11.0.0.0/8"], check=True)
    return times, changes


def throughput(turns: int, size: int) -> dict[str, list[float]]:
    """MB/s of one TCP connection to the far end's address behind the tunnel."""
    tunnel, spec = Tunnel(), _spec()
    found: dict[str, list[float]] = {"ours": [], "wg-quick": []}
    for _ in range(turns):
        _admit(tunnel.prepare(SecretBytes(os.urandom(32))))
        tunnel.make_it_so(spec)
        found["ours"].append(_rate(size))
        tunnel.make_it_so(None)
        subprocess.run(["wg-quick", "up", "quick0"], check=True, capture_output=True)
        _admit_text(subprocess.run(["wg", "show", "quick0", "public-key"], check=True, capture_output=True).stdout)
        found["wg-quick"].append(_rate(size))
        subprocess.run(["wg-quick", "down", "quick0"], check=True, capture_output=True)
    return found


def _spec() -> TunnelSpec:
    return TunnelSpec(
        mtu=1400,
        addresses=(ip_interface(OWN),),
        peer=Peer(_public_key(), SecretBytes(bytes(32)), Endpoint(ip_address(GATEWAY), PORT), 0),
        prefixes=(ip_network(INTRANET),),
        resolvers=(ip_address(RESOLVER),),
        domains=("intranet.example",),
        check=Endpoint(ip_address(BEHIND), 80),
        users=Users(owner=0, prober=None, resolver=None),
    )


def _public_key() -> bytes:
    told = subprocess.run(["wg", "pubkey"], input=SECRET_OF_GATEWAY.encode(), capture_output=True, check=True)
    return base64.b64decode(told.stdout)


def _write_quick() -> None:
    private = subprocess.run(["wg", "genkey"], capture_output=True, check=True, text=True).stdout.strip()
    public = subprocess.run(["wg", "pubkey"], input=SECRET_OF_GATEWAY, capture_output=True, check=True, text=True)
    lines = ["[Interface]", f"PrivateKey = {private}", f"Address = {OWN}/32", f"DNS = {RESOLVER}, intranet.example"]
    lines += ["MTU = 1400", "[Peer]", f"PublicKey = {public.stdout.strip()}", f"AllowedIPs = {INTRANET}"]
    QUICK.parent.mkdir(exist_ok=True)
    QUICK.write_text("\n".join([*lines, f"Endpoint = {GATEWAY}:{PORT}"]) + "\n")
    QUICK.chmod(0o600)


def _admit(public_key: bytes) -> None:
    _admit_text(base64.b64encode(public_key))


def _admit_text(public_key: bytes) -> None:
    words = ["peer", public_key.decode().strip(), "allowed-ips", f"{OWN}/32"]
    subprocess.run(["ip", "netns", "exec", "far", "wg", "set", "wg0", *words], check=True)


def _rate(size: int) -> float:
    program = (
        f"import socket as s\nl = s.create_server(('{BEHIND}', {SINK}))\nprint('there', flush=True)\n"
        "c, _ = l.accept()\nwhile c.recv(1 << 20): pass\nc.send(b'.')"
    )
    with subprocess.Popen(
        ["ip", "netns", "exec", "far", "python3", "-c", program], stdout=subprocess.PIPE, text=True
    ) as sink:
        assert sink.stdout is not None
        assert sink.stdout.readline() == "there\n"
        with socket.create_connection((BEHIND, SINK), timeout=60) as connection:  # with the handshake
            took = _ms(lambda: _send(connection, size))
    return size / took / 1000


def _send(connection: socket.socket, size: int) -> None:
    for _ in range(size // len(BLOCK)):
        connection.sendall(BLOCK)
    connection.shutdown(socket.SHUT_WR)
    assert connection.recv(1) == b"."


def _pss_mib() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _ms(call: Callable[[], object]) -> float:
    start = time.monotonic()
    call()
    return (time.monotonic() - start) * 1000

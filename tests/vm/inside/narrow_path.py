"""Runs in the VM, called from there: two ends with the kernel's WireGuard, and a narrow line between their routers.

    near (1500) home (1280) street (1500) far

Neither end's own line is narrow, so both must be told by a router, or have their packets cut there.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bed.await_ import until

HOSTS = ("near", "home", "street", "far")
PAGE_BYTES = 1 << 20
WAY_S = 20.0
SILENCE_S = 120.0
"""After so long a connection is given up."""

_LINES = (("near", "home", 1500), ("home", "street", 1280), ("street", "far", 1500))
_TUNNEL = {"near": "10.77.0.1", "far": "10.77.0.2"}
_OUTSIDE = {4: {"near": "10.1.0.1", "far": "10.3.0.2"}, 6: {"near": "fd00:1::1", "far": "fd00:3::2"}}
_ROUTES = {"near": ((3, 1, 2),), "home": ((3, 2, 2),), "street": ((1, 2, 1),), "far": ((1, 3, 1),)}
"""To which line, over which line, and which end of it forwards."""
_PORT = 51820


@dataclass(frozen=True, slots=True)
class Came:
    """How the page came; `fragments` is how many pieces the packets were in that near put together again."""

    whole: bool
    seconds: float
    fragments: int


def page_over_narrow_path(mtu: int, family: int) -> Came:
    """A megabyte from far to near through a tunnel of `mtu`; packets of IPv4 or IPv6 (`family`) carry it."""
    page = os.urandom(PAGE_BYTES)
    with _path(), _tunnel(mtu, family), _listening() as listener:
        until(lambda: _reachable(_OUTSIDE[family]["far"]), WAY_S, "the way between the ends")
        threading.Thread(target=_serve, args=(listener, page), daemon=True).start()
        begun_s = time.monotonic()
        came = _fetched()
        return Came(came == page, time.monotonic() - begun_s, _fragments(family))


@contextmanager
def _path() -> Iterator[None]:
    try:
        for host in HOSTS:
            _run("ip", "netns", "add", host)
            _in(host, "ip", "link", "set", "lo", "up")
            _in(host, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        for number, (left, right, mtu) in enumerate(_LINES, 1):
            ends = (f"line{number}a", f"line{number}b")
            _run("ip", "link", "add", ends[0], "netns", left, "type", "veth", "peer", ends[1], "netns", right)
            for place, (host, name) in enumerate(zip((left, right), ends, strict=True), 1):
                _in(host, "ip", "address", "add", f"10.{number}.0.{place}/24", "dev", name)
                _in(host, "ip", "address", "add", f"fd00:{number}::{place}/64", "dev", name, "nodad")
                _in(host, "ip", "link", "set", name, "mtu", str(mtu), "up")
        for host, routes in _ROUTES.items():
            for line, over, end in routes:
                _in(host, "ip", "route", "add", f"10.{line}.0.0/24", "via", f"10.{over}.0.{end}")
                _in(host, "ip", "route", "add", f"fd00:{line}::/64", "via", f"fd00:{over}::{end}")
        yield
    finally:
        for host in HOSTS:
            subprocess.run(["ip", "netns", "delete", host], check=False)


@contextmanager
def _tunnel(mtu: int, family: int) -> Iterator[None]:
    """It ends with its namespaces."""
    private = {host: _run("wg", "genkey") for host in _TUNNEL}
    for host, other in (("near", "far"), ("far", "near")):
        address = _OUTSIDE[family][other]
        endpoint = f"[{address}]:{_PORT}" if family == 6 else f"{address}:{_PORT}"
        peer = ["peer", _run("wg", "pubkey", given=private[other]), "allowed-ips", f"{_TUNNEL[other]}/32"]
        _in(host, "ip", "link", "add", "narrow0", "mtu", str(mtu), "type", "wireguard")
        ours = ["listen-port", str(_PORT), "private-key", "/dev/stdin"]
        _in(host, "wg", "set", "narrow0", *ours, *peer, "endpoint", endpoint, given=private[host])
        _in(host, "ip", "address", "add", f"{_TUNNEL[host]}/24", "dev", "narrow0")
        _in(host, "ip", "link", "set", "narrow0", "up")
    yield


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with _socket_in("far") as listener:
        listener.bind((_TUNNEL["far"], 80))
        listener.listen()
        yield listener


def _serve(listener: socket.socket, page: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(page)


def _fetched() -> bytes:
    with _socket_in("near") as connection:
        connection.settimeout(SILENCE_S)
        connection.connect((_TUNNEL["far"], 80))
        with connection.makefile("rb") as coming:
            return coming.read()


def _reachable(address: str) -> bool:
    """From near; neighbours that come up are not found at once."""
    ping = ["ip", "netns", "exec", "near", "ping", "-qc1", "-W1", address]
    return subprocess.run(ping, capture_output=True, check=False).returncode == 0


def _fragments(family: int) -> int:
    """As the kernel counts them in near."""
    if family == 6:
        lines = _in("near", "cat", "/proc/net/snmp6").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Ip6ReasmReqds"))
    names, numbers = (line.split() for line in _in("near", "cat", "/proc/net/snmp").splitlines()[:2])
    return int(numbers[names.index("ReasmReqds")])


def _socket_in(host: str) -> socket.socket:
    """A socket stays in the network in which it was made."""
    with Path("/proc/thread-self/ns/net").open("rb") as home:
        _enter(Path("/run/netns") / host)
        try:
            return socket.socket()
        finally:
            _set(home.fileno())


def _enter(network: Path) -> None:
    with network.open("rb") as there:
        _set(there.fileno())


def _set(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _in(host: str, *command: str, given: str = "") -> str:
    return _run("ip", "netns", "exec", host, *command, given=given)


def _run(*command: str, given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout.strip()

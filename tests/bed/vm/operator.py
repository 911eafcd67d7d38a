"""The operator's side inside a VM, and the VM in the laptop's place of the operator's world.

Portal and gateway are this checkout's, with the libraries of its .venv, which fit this very machine's Python. So their
hosts live in a file system of their own inside the VM: this machine's /usr and the checkout, read-only, whatever Debian
the VM is. The kernel, and with it the gateway's WireGuard, is the VM's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bed.operator.operator import AUTHORITY_FILE, PROFILE
from tests.bed.vm.channel import Running
from tests.bed.vm.machine import CHECKOUT, Vm
from tests.bed.vm.qemu import Share
from tests.bed.world.commands import addressing
from tests.bed.world.operator_plan import PUBLIC_RESOLVER, operator_plan

ROOT = "/operator"
SHARES = (Share(Path("/usr"), f"{ROOT}-usr"),)
"""What the VM must be booted with."""
UP_S = 600.0

_FILE_SYSTEM = f"""
mkdir {ROOT}
mount -t tmpfs -o mode=755 tmpfs {ROOT}
cd {ROOT}
mkdir -p usr proc sys dev run tmp var/tmp root home .{CHECKOUT}
chmod 1777 tmp var/tmp
for name in bin sbin lib lib64; do ln -s usr/$name $name; done
cp -a /etc etc
rm -f etc/ld.so.cache etc/resolv.conf
: >etc/resolv.conf
mount --bind {ROOT}-usr usr
mount --bind {CHECKOUT} .{CHECKOUT}
mount --bind /proc proc
mount --bind /dev dev
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
"""


@dataclass(frozen=True, slots=True)
class Member:
    """`hmac_secret`: 20 bytes as hexadecimal."""

    name: str
    password: str
    hmac_secret: str


@dataclass(frozen=True, slots=True)
class OperatorInside:
    """`hosts`: who holds the namespaces of a host of the world, by pid inside the VM."""

    vm: Vm
    hosts: dict[str, int]
    authority: str
    profile: str

    def peers(self) -> set[str]:
        """The public keys of the gateway's peers, as base64, in the words of `wg`."""
        return set(self.in_host("gateway", ["wg", "show", "gw0", "peers"]).split())

    def in_host(self, name: str, command: Sequence[str]) -> str:
        """A command of the VM's in a host's network."""
        return self.vm.run(["nsenter", f"--target={self.hosts[name]}", "--net", "--", *command]).stdout


@contextmanager
def operator_inside(vm: Vm, members: Sequence[Member]) -> Iterator[OperatorInside]:
    """Up, with the VM at the laptop's cable and provisioned."""
    vm.run(["sh", "-ec", _FILE_SYSTEM])
    command = ["unshare", "--mount", "chroot", ROOT, "env", "-C", str(CHECKOUT), ".venv/bin/python", "-m"]
    asked = json.dumps({"members": [asdict(member) for member in members]})
    program = vm.start([*command, "tests.bed.vm.operator_inside"], given=asked, timeout_s=1200)
    try:
        told = json.loads(program.await_line("up ", UP_S).removeprefix("up "))
        operator = OperatorInside(vm, **told)
        _take_the_laptops_place(operator)
        _provision(operator)
        yield operator
    finally:
        _end(program)


def _take_the_laptops_place(operator: OperatorInside) -> None:
    """The cable is pulled out of the world's own laptop and plugged into the VM."""
    plan = next(host for host in operator_plan().hosts if host.name == "laptop")
    for port in plan.ports:
        operator.in_host("laptop", ["ip", "link", "set", port.name, "netns", "1"])
    operator.vm.run(["ip", "-batch", "-"], given=addressing(plan))


def _provision(operator: OperatorInside) -> None:
    """A home's resolver, and what the operator's package brings."""
    vm = operator.vm
    vm.write("/etc/systemd/resolved.conf.d/bed.conf", f"[Resolve]\nDNS={PUBLIC_RESOLVER}\nDNSSEC=no\nLLMNR=no\n")
    vm.run(["systemctl", "restart", "systemd-resolved"])
    vm.write(AUTHORITY_FILE, operator.authority)
    vm.write(f"/etc/flexnetd/profiles.d/{PROFILE}.toml", operator.profile)


def _end(program: Running) -> None:
    program.send()
    program.wait(within_s=60)

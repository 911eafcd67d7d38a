"""A workstation that is a booted Debian: our units as installed, in the laptop's place of an operator's world.

What the container adds to the product are drop-ins of the bed: the software key's environment for the worker's unit,
and, where the kernel has no WireGuard, the spawner of wireguard-go as a unit of its own (the product does not ship
it).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flexnetd.wireguard.kernel import kernel_has_wireguard
from tests.bed.laptop import spawner
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.product import install, installed_files
from tests.bed.operator.operator import AUTHORITY_FILE, PROFILE, Operator
from tests.bed.world.operator_plan import PUBLIC_RESOLVER
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey

SPAWNER = "/run/bed/spawner.py"
SPAWNER_SOCKET = "/run/bed/wireguard-go.sock"
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Workstation:
    """The machine, and the key that its worker sees."""

    machine: Machine
    key: PluggedKey

    def status(self, user: str = "alice") -> dict[str, object]:
        """`flexnet status --json`, as that person sees it."""
        told = self.machine.run_as(user, ["flexnet", "status", "--json"], check=False)
        read: dict[str, object] = json.loads(told.stdout)
        return read

    def pid(self) -> str:
        return self.machine.run(["systemctl", "show", "--property=MainPID", "--value", "flexnetd"]).stdout.strip()


@contextmanager
def workstation(
    suite: str,
    world: World,
    operator: Operator,
    *,
    product: Callable[[], AbstractContextManager[Path]] = installed_files,
    install: Callable[[Machine, Path], None] = install,
    packages: tuple[str, ...] = (),
) -> Iterator[Workstation]:
    """Booted, installed and provisioned; nobody is signed in. `product` has what is bound at /product, `install`
    installs it from there. `packages` are what the image has besides the usual ones."""
    with contextlib.ExitStack() as stack:
        key = stack.enter_context(PluggedKey.plugged_in(control=world.folder / "nspawn-key.control", fido=True))
        files = stack.enter_context(product())
        shown = {str(files): "/product", str(Path(spawner.__file__)): SPAWNER, **folders_of(key)}
        network = f"/proc/{world['laptop'].pid}/ns/net"
        machine = stack.enter_context(booted(suite, network=network, binds=shown, packages=packages))
        _provision(machine, operator)
        show_key(machine, key)
        install(machine, files)
        offer_wireguard_go(machine)
        yield Workstation(machine, key)


def folders_of(key: PluggedKey) -> dict[str, str]:
    """The far end's own folder, which the container must see at the same path."""
    folder = key.environment["UMOCKDEV_DIR"]
    return {folder: folder}


def know_public_names(machine: Machine) -> None:
    machine.write("/etc/systemd/resolved.conf.d/bed.conf", f"[Resolve]\nDNS={PUBLIC_RESOLVER}\nDNSSEC=no\nLLMNR=no\n")
    machine.run(["systemctl", "restart", "systemd-resolved"])


def _provision(machine: Machine, operator: Operator) -> None:
    know_public_names(machine)
    machine.write(AUTHORITY_FILE, operator.portal.authority)
    machine.write(f"/etc/flexnetd/profiles.d/{PROFILE}.toml", operator.profile())


def show_key(machine: Machine, key: PluggedKey) -> None:
    """To the worker."""
    lines = [f'Environment="{name}={value}"' for name, value in key.environment.items()]
    binds = [f"BindPaths={folder}" for folder in folders_of(key)]
    text = "\n".join(["[Service]", *lines, *binds]) + "\n"
    machine.write("/etc/systemd/system/flexnetd-worker@.service.d/bed.conf", text)


def offer_wireguard_go(machine: Machine, unit: str = "flexnetd.service", user: str = "flexnetd") -> None:
    """To the daemon or agent of that unit. Nothing to do where the kernel has its own."""
    if kernel_has_wireguard():
        return
    uid = int(machine.run(["id", "-u", user]).stdout)
    identity = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
    identity += ["--inh-caps", "-all,+net_admin", "--ambient-caps", "-all,+net_admin"]
    told = {"wireguard_go": {"socket": SPAWNER_SOCKET, "uid": uid, "identity": identity}}
    machine.write("/run/bed/spawner.json", json.dumps(told))
    machine.write(
        "/etc/systemd/system/bed-wireguard-go.service",
        f"[Service]\nExecStart=/usr/bin/python3 -I -S {SPAWNER} /run/bed/spawner.json\n",
    )
    drop_in = f"[Service]\nEnvironment=FLEXNETD_WIREGUARD_GO={SPAWNER_SOCKET}\n"
    machine.write(f"/etc/systemd/system/{unit}.d/bed.conf", drop_in)
    machine.run(["systemctl", "daemon-reload"])
    machine.run(["systemctl", "start", "bed-wireguard-go.service"])
    machine.run(["systemctl", "try-restart", unit])

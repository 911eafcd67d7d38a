"""Starts the real services of a workstation, and the two stand-ins, in its host. Each returns at once; `laptop.py`
awaits them side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.bed.laptop.accounts import DAEMON, RESOLVER, WORKER
from tests.bed.laptop.furniture import RESOLVED_ROOT
from tests.bed.world.host import Host
from tests.bed.world.process import CHECKOUT, PYTHON, Identity, Program

BUS_SOCKET = "/run/dbus/system_bus_socket"
WORKER_SOCKET = "/run/flexnetd/worker.sock"
WIREGUARD_GO_SOCKET = "/run/bed/wireguard-go.sock"
WORKER_ENVIRONMENT = "/run/bed/worker-environment.json"
SPAWNER_CONFIGURATION = "/run/bed/spawner.json"


def start_bus(host: Host) -> Program:
    """The distribution's own dbus-daemon with its own system configuration."""
    command = ["dbus-daemon", "--config-file=/usr/share/dbus-1/system.conf", "--nofork", "--nopidfile", "--nosyslog"]
    return host.start("dbus-daemon", command, cwd="/")


def start_polkit(host: Host) -> Program:
    return host.start("polkitd", ["/usr/lib/polkit-1/polkitd", "--no-debug"], cwd="/")


def start_resolved(host: Host) -> Program:
    """As its unit does: own user, the unit's three capabilities."""
    identity = Identity(RESOLVER.uid, caps=("setpcap", "net_raw", "net_bind_service"))
    # Debian 12 has it in /lib, later ones in /usr/lib; its library lies beside it in the package.
    script = (
        f"export LD_LIBRARY_PATH=$(echo {RESOLVED_ROOT}/usr/lib/*/systemd); cd {RESOLVED_ROOT}; "
        "exec $(ls -d usr/lib/systemd/systemd-resolved lib/systemd/systemd-resolved 2>/dev/null | head -n1)"
    )
    return host.start("systemd-resolved", ["sh", "-c", script], identity=identity, cwd="/")


def start_spawner(host: Host) -> Program:
    """Listens for the worker and for wireguard-go."""
    write_worker_environment(host, {})
    worker = Identity(WORKER.uid).command
    configuration = {
        "worker": {
            "socket": WORKER_SOCKET,
            "uid": DAEMON.uid,
            "environment": WORKER_ENVIRONMENT,
            "command": [*worker, "env", "-C", CHECKOUT, PYTHON, "-m", "flexnetd.worker.main"],
        },
        "wireguard_go": wireguard_go_for(DAEMON.uid),
    }
    return start_spawner_with(host, configuration)


def start_wireguard_go_spawner(host: Host, uid: int) -> Program:
    """For a gateway: wireguard-go alone, for that user."""
    return start_spawner_with(host, {"wireguard_go": wireguard_go_for(uid)})


def wireguard_go_for(uid: int) -> dict[str, object]:
    identity = Identity(uid, caps=("net_admin",)) if uid else Identity()
    return {"socket": WIREGUARD_GO_SOCKET, "uid": uid, "identity": identity.command}


def start_spawner_with(host: Host, configuration: Mapping[str, object]) -> Program:
    host.write_files({SPAWNER_CONFIGURATION: json.dumps(configuration)})
    spawner = str(Path(CHECKOUT) / "tests/bed/laptop/spawner.py")
    return host.start("spawner", [PYTHON, "-I", "-S", spawner, SPAWNER_CONFIGURATION])


def write_worker_environment(host: Host, environment: dict[str, str]) -> None:
    host.write_files({WORKER_ENVIRONMENT: json.dumps(environment)})

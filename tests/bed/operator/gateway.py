"""A WireGuard gateway of the operator in its host: a real `flexnet-gateway` with CAP_NET_ADMIN alone, WireGuard by the
kernel where it has it."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from tests.bed.laptop.notify import NotifySocket
from tests.bed.laptop.services import WIREGUARD_GO_SOCKET, start_wireguard_go_spawner
from tests.bed.operator.portal import GATEWAY_PORT, ORIGIN, Portal
from tests.bed.servers.start import await_ready
from tests.bed.world.host import Host
from tests.bed.world.operator_plan import TUNNEL_ADDRESSES
from tests.bed.world.process import CHECKOUT, PYTHON, Identity, Program

UID = 64120
IDENTITY = Identity(UID, caps=("net_admin",))
INTERFACE = "gw0"
PORT = 51820


class Gateway:
    """`host` is named as the gateway is. `folder` becomes the agent's own."""

    def __init__(self, host: Host, folder: Path, endpoint_name: str) -> None:
        self.host = host
        self.name = host.name
        self.folder = folder
        self.config = folder / "gateway.toml"
        self.endpoint = f"{endpoint_name}:{PORT}"
        self._program: Program | None = None
        self._notify: NotifySocket | None = None

    @property
    def program(self) -> Program:
        assert self._program is not None, "the gateway was not started"
        return self._program

    def prepare(self) -> str:
        """Its configuration and WireGuard key; the public one, as base64."""
        self.folder.mkdir(mode=0o700)
        self.config.write_text(_configuration(TUNNEL_ADDRESSES[self.name]))
        shutil.chown(self.config, UID, UID)
        shutil.chown(self.folder, UID, UID)
        await_ready(start_wireguard_go_spawner(self.host, UID))
        self.host.run(["sh", "-c", f"mkdir -p /run/flexnet-gateway && chown {UID}:{UID} /run/flexnet-gateway"])
        command = [PYTHON, "-m", "flexnetd.gateway.main", "public-key", "--config", str(self.config)]
        return self.host.run(command, identity=IDENTITY, cwd=CHECKOUT).stdout.strip()

    def admission(self, portal: Portal, public_key: str, preference: int) -> list[str]:
        """The `flexnet-admin` command that makes it known to the portal."""
        files = ["--certificate-out", str(portal.folder / f"{self.name}.pem")]
        files += ["--key-out", str(portal.folder / f"{self.name}-key.pem")]
        wanted = ["--public-key", public_key, "--endpoint", self.endpoint, "--preference", str(preference)]
        return ["gateway", "add", self.name, *wanted, *files]

    def receive_certificate(self, portal: Portal) -> None:
        """What the operator carries from the portal to the gateway."""
        for source, name in (
            (portal.folder / f"{self.name}.pem", "gateway.pem"),
            (portal.folder / f"{self.name}-key.pem", "gateway-key.pem"),
            (portal.agents_authority, "agents-ca.pem"),
        ):
            carried = Path(shutil.copy(source, self.folder / name))
            shutil.chown(carried, UID, UID)

    def start(self) -> None:
        """Returns when it has its interface. Raises AssertionError with the log's end when that does not come."""
        if self._notify is None:
            self._notify = NotifySocket(self.folder.parent / f"{self.name}.notify")
        self._notify.forget()
        self._program = self.host.start(
            "flexnet-gateway",
            [PYTHON, "-m", "flexnetd.gateway.main", "--config", str(self.config)],
            identity=IDENTITY,
            env={
                "FLEXNETD_WIREGUARD_GO": WIREGUARD_GO_SOCKET,
                "RUNTIME_DIRECTORY": "/run/flexnet-gateway",
                "NOTIFY_SOCKET": str(self._notify.path),
            },
        )
        try:
            self._notify.until("READY=1", 20)
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.program.log_end()}") from None

    def stop(self) -> None:
        """Takes its interface down."""
        self.program.stop(signal.SIGTERM, 15)

    def peers(self) -> set[str]:
        """The public keys of the peers that its interface has now, as base64."""
        return set(self.host.run(["wg", "show", INTERFACE, "peers"]).stdout.split())

    def close(self) -> None:
        if self._notify is not None:
            self._notify.close()


def _configuration(address: str) -> str:
    return f"""\
[portal]
origin = "{ORIGIN}:{GATEWAY_PORT}"
authority = "agents-ca.pem"
certificate = "gateway.pem"
private-key = "gateway-key.pem"

[interface]
name = "{INTERFACE}"
addresses = ["{address}"]
listen-port = {PORT}
private-key = "wireguard.key"
"""

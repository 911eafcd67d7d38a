"""The operator's portal in its host: a real `flexnet-portal`, set up by its own `setup`, administered by its own
`flexnet-admin`, as a user without rights but for the port."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.bed.await_ import until
from tests.bed.world import operator_plan as place
from tests.bed.world.host import Host
from tests.bed.world.process import CHECKOUT, PYTHON, Identity, Program

UID = 64110
IDENTITY = Identity(UID, caps=("net_bind_service",))
ORIGIN = f"https://{place.PORTAL_NAME}"
GATEWAY_PORT = 8443
QUICK_PASSWORDS = "\n[passwords]\nargon2-memory-kib = 64\nargon2-passes = 1\n"
"""For tests that sign in often. What argon2 costs in earnest is the default."""


class Portal:
    """`folder` becomes the portal's own. `more_config` is TOML, added to what `setup` writes. FIDO2 is taken, too."""

    def __init__(self, host: Host, folder: Path, more_config: str = QUICK_PASSWORDS) -> None:
        self.host = host
        self.folder = folder
        self.config = folder / "portal.toml"
        self.grant_key = ""
        self._more_config = more_config
        self._program: Program | None = None

    @property
    def authority(self) -> str:
        """What a profile trusts, as PEM."""
        return (self.folder / "portal-ca.pem").read_text()

    @property
    def agents_authority(self) -> Path:
        return self.folder / "agents-ca.pem"

    @property
    def program(self) -> Program:
        assert self._program is not None, "the portal was not started"
        return self._program

    def set_up(self) -> None:
        """`flexnet-portal setup`: keys, certificates, database."""
        self.folder.mkdir(mode=0o700)
        shutil.chown(self.folder, UID, UID)
        answers = {
            "origin": ORIGIN,
            "operator": "KV Beispiel",
            "telephone": "+49 391 1234567",
            "listen": "[::]:443",
            "gateway-listen": f"[::]:{GATEWAY_PORT}",
            "pool": place.SESSION_POOL,
            "prefix": place.INTRANET,
            "resolver": place.INTRANET_RESOLVER,
            "domain": place.INTRANET_DOMAIN,
            "check-address": f"{place.PAGES}:80",
        }
        told = self._command("setup", *(f"--{name}={answer}" for name, answer in answers.items()))
        self.grant_key = told.partition("grant public key, for the profile: ")[2].partition("\n")[0]
        written = self.config.read_text().replace("factors = [", 'factors = ["fido2", ')
        self.config.write_text(written + self._more_config)

    def start(self) -> None:
        """Returns when it answers clients and gateways. Raises AssertionError with the log's end when it ends."""
        command = [PYTHON, "-m", "flexnetd.portal.main", "serve", "--config", str(self.config)]
        program = self._program = self.host.start("flexnet-portal", command, identity=IDENTITY)
        before = program.log_text().count("ready:")

        def answers() -> bool:
            if not program.running:
                raise AssertionError(f"{program.name} ended with {program.exit_status}:\n{program.log_end()}")
            return program.log_text().count("ready:") > before

        until(answers, 30, "the portal being ready")

    def stop(self) -> None:
        self.program.stop(signal.SIGTERM, 15)

    def administer(self, *commands: Sequence[str]) -> list[list[str]]:
        """The lines that each `flexnet-admin` command tells, one after the other in one process. Raises its Fault."""
        wanted = [["--config", str(self.config), *command] for command in commands]
        return self.host.call(admin_lines, wanted, identity=IDENTITY, timeout_s=60)

    def secret(self, name: str, line: str) -> str:
        """A file from which `flexnet-admin` reads a secret."""
        file = self.folder / name
        file.touch(0o600)
        file.write_text(line + "\n")
        shutil.chown(file, UID, UID)
        return str(file)

    def _command(self, *words: str) -> str:
        command = [PYTHON, "-m", "flexnetd.portal.main", *words, "--config", str(self.config)]
        return self.host.run(command, identity=IDENTITY, cwd=CHECKOUT, timeout_s=60).stdout


def admin_lines(commands: list[list[str]]) -> list[list[str]]:
    """Runs in the portal's host, as its user."""
    from flexnetd.portal.admin import main as admin  # noqa: PLC0415 - only over there

    return [list(admin.run(command)) for command in commands]

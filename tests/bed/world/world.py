"""A world: hosts in network namespaces, up in well under a second, gone without a trace whatever happens.

    with World(plan) as world:
        world["laptop"].run(["ping", "-c1", "192.0.2.80"])

Needs root. Nothing of the machine changes: no named namespaces, no interfaces, no mounts outside. The guardian
(`guardian.py`) holds everything and clears it away when its input ends; so a test that fails, Ctrl-C and SIGKILL of the
maker end alike. `sweep.py` is for the day on which somebody killed the guardian.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from tests.bed.world import commands, guardian
from tests.bed.world.host import Host
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.process import environment_of
from tests.bed.world.sweep import Record, write_record

CHECKOUT_HERE = Path(__file__).resolve().parents[3]
PARENT = Path("/tmp")  # the world's sockets must be reachable for every uid, and their paths short


class World:
    """Enter it to have it. `folder` holds logs and sockets while it lives; with FLEXNET_BED_LOGS set to a folder, the
    logs are copied there at the end."""

    def __init__(self, plan: Plan, parent: Path = PARENT) -> None:
        self.plan = plan
        self.token = secrets.token_hex(4)
        self.folder = parent / f"{guardian.FOLDER_PREFIX}{self.token}"
        self._hosts: dict[str, Host] = {}
        self._guardian: subprocess.Popen[str] | None = None

    def __getitem__(self, name: str) -> Host:
        return self._hosts[name]

    def __contains__(self, name: str) -> bool:
        return name in self._hosts

    def __iter__(self) -> Iterator[Host]:
        return (self._hosts[host.name] for host in self.plan.hosts)

    def __enter__(self) -> World:
        try:
            self._up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def unplug(self, host: str, port: str = "eth0") -> None:
        """Pulls a host's cable: its link is down, its addresses and routes by it are gone."""
        self[host].run(["ip", "-batch", "-"], stdin=commands.unplugging(self.plan.host(host).port(port)))

    def plug(self, host: str, port: str = "eth0") -> None:
        """Puts it back: link, addresses and routes are as in the plan."""
        plan = self.plan.host(host)
        self[host].run(["ip", "-batch", "-"], stdin=commands.plugging(plan, plan.port(port)))

    def down(self) -> None:
        """Ends everything. Harmless when there is nothing any more."""
        if self._guardian is None:
            return
        if (keep := os.environ.get("FLEXNET_BED_LOGS")) and self.logs.is_dir():
            shutil.copytree(self.logs, Path(keep) / self.token, dirs_exist_ok=True)
        ended, self._guardian = self._guardian, None
        assert ended.stdin is not None
        assert ended.stdout is not None
        ended.stdin.close()
        ended.wait(guardian.LONGEST_END_S + 5)
        ended.stdout.close()
        for host in self._hosts.values():
            host.reap()

    def _up(self) -> None:
        self.logs.mkdir(parents=True)
        self.folder.chmod(0o755)
        pids = self._anchors()
        write_record(Record.of_world(self.folder, self._guardian_pid()))
        self._hosts = {name: Host(name, pid, self.token, self.logs) for name, pid in pids.items()}
        self._lay_cables(pids)
        self._furnish()

    def _guardian_pid(self) -> int:
        assert self._guardian is not None
        return self._guardian.pid

    def _anchors(self) -> dict[str, int]:
        """Starts the guardian; the pid of each host's anchor."""
        # Nothing of ours may hold the maker's standard error: whoever reads it would wait for the world's end.
        with tempfile.TemporaryFile() as said:
            self._guardian = subprocess.Popen(
                [sys.executable, "-I", "-S", guardian.__file__],
                env=environment_of(self.token, None),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                start_new_session=True,
            )
            answer = self._asked(self._guardian)
            if not answer:
                self._guardian.wait(guardian.LONGEST_END_S + 5)
                said.seek(0)
                raise RuntimeError(f"the guardian could not hold the world. Is this root?\n{said.read().decode()}")
        return {str(name): int(pid) for name, pid in json.loads(answer).items()}

    def _asked(self, asked: subprocess.Popen[str]) -> str:
        """The guardian's answer; "" when it gave up."""
        hosts = [*self.plan.hosts, HostPlan(commands.SWITCH_ROOM)]
        request = {
            "folder": str(self.folder),
            "checkout": str(CHECKOUT_HERE),
            "hosts": [
                {"name": host.name, "settings": commands.settings(host), "files": dict(host.files)} for host in hosts
            ],
        }
        assert asked.stdin is not None
        assert asked.stdout is not None
        asked.stdin.write(json.dumps(request) + "\n")
        asked.stdin.flush()
        return asked.stdout.readline()

    def _lay_cables(self, pids: dict[str, int]) -> None:
        text, delays = commands.cabling(self.plan, pids)
        room = self._hosts[commands.SWITCH_ROOM]
        room.run(["ip", "-batch", "-"], stdin=text)
        for line in delays:
            script = [sys.executable, "-I", "-S", "tests/bed/world/delay_line.py"]
            program = room.start(f"delay-{line.one}", [*script, line.one, line.other, str(line.delay_ms)])
            program.await_line("ready")

    def _furnish(self) -> None:
        """Addresses, routes and filters of every host, side by side."""
        started = []
        for plan in self.plan.hosts:
            host = self._hosts[plan.name]
            script = f"ip -batch - <<'END'\n{commands.addressing(plan)}\nEND\n"
            if plan.filters:
                script += f"[ $? = 0 ] && nft -f - <<'END'\n{plan.filters}\nEND\n"
            started.append((plan.name, host.popen(["sh", "-c", script])))
        for name, process in started:
            said, _ = process.communicate(timeout=10)
            if process.returncode != 0:
                raise RuntimeError(f"{name}: {said.decode()}")

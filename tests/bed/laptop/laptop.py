"""A workstation: a host of a world with the real parts of a Debian desktop around flexnetd.

    with World(operator_plan()) as world, Laptop(world) as laptop:
        laptop.daemon.start()
        laptop.run_as(ALICE, ["busctl", "call", ...])              # in her active session at the screen
        laptop.run_as(BOB, ["id"], session=SessionKind.SSH)

Real: dbus-daemon with the distribution's system configuration and our policy, polkitd with our actions and rules,
systemd-resolved, the kernel's network. Stood in for: logind (`login1.py`), systemd's spawning (`spawner.py`). What the
daemon and its worker are is the checkout, as it lies there.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType

from tests.bed.await_ import until
from tests.bed.laptop import accounts, furniture, services
from tests.bed.laptop.accounts import Account
from tests.bed.laptop.bus import Bus, BusError
from tests.bed.laptop.daemon import Daemon
from tests.bed.laptop.leftovers import RESOLVED, leftovers, picture
from tests.bed.laptop.logind import Logind
from tests.bed.laptop.notify import NotifySocket
from tests.bed.laptop.resolved_package import extracted_resolved
from tests.bed.laptop.sessions import SessionKind
from tests.bed.servers.start import await_ready
from tests.bed.world.host import Host
from tests.bed.world.operator_plan import PUBLIC_RESOLVER
from tests.bed.world.process import CHECKOUT, PYTHON, Identity, Program, checked_output
from tests.bed.world.world import CHECKOUT_HERE, World

LINK = "eth0"
RESOLVED_CONF = "[Resolve]\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\nDNSSEC=no\nCache=yes\n"
ETC = {
    "/etc/resolv.conf": "nameserver 127.0.0.53\noptions edns0 trust-ad\n",
    "/etc/hosts": "127.0.0.1 localhost\n127.0.1.1 laptop\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "/etc/systemd/resolved.conf": RESOLVED_CONF,
}


class Laptop:
    """Enter it to have it; the world's end ends it too. `names` False leaves systemd-resolved out, as on a Debian 12
    without it. `resolver` is what the home's DHCP would tell for `LINK`."""

    def __init__(
        self, world: World, host: str = "laptop", *, names: bool = True, resolver: str = PUBLIC_RESOLVER
    ) -> None:
        self.host: Host = world[host]
        self._world = world
        self._names = names
        self._resolver = resolver
        self._exit = contextlib.ExitStack()
        self.programs: dict[str, Program] = {}

    def __enter__(self) -> Laptop:
        with contextlib.ExitStack() as stack:
            self._furnish()
            self._start_services(stack)
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def run_as(
        self,
        who: Account,
        argv: Sequence[str],
        *,
        session: SessionKind | None = SessionKind.LOCAL,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout_s: float = 30,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Runs it as that person, in a session of that kind; with None in no session at all, as a service would."""
        command, identity = self._in_session(who, argv, session)
        done = self.host.run(
            command, identity=identity, env=env, cwd=CHECKOUT, stdin=stdin, timeout_s=timeout_s, check=False
        )
        return checked_output([who.name + ":", *argv], done) if check else done

    def popen_as(
        self,
        who: Account,
        argv: Sequence[str],
        *,
        session: SessionKind | None = SessionKind.LOCAL,
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        stderr: int = subprocess.STDOUT,
    ) -> subprocess.Popen[bytes]:
        """The same, with pipes."""
        command, identity = self._in_session(who, argv, session)
        return self.host.popen(command, identity=identity, env=env, cwd=CHECKOUT, stdin=stdin, stderr=stderr)

    def command_as(self, who: Account, argv: Sequence[str]) -> list[str]:
        """The command line that runs it as that person, in her session at the screen."""
        command, identity = self._in_session(who, argv, SessionKind.LOCAL)
        return self.host.command(command, identity, CHECKOUT)

    def flexnet(
        self,
        who: Account,
        *words: str,
        session: SessionKind | None = SessionKind.LOCAL,
        stdin: str = "",
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """The command `flexnet` of the checkout."""
        return self.run_as(who, [PYTHON, "-m", "flexnetd.cli.main", *words], session=session, stdin=stdin, check=check)

    def set_worker_environment(self, environment: Mapping[str, str]) -> None:
        """What every worker finds in its environment from its next start on."""
        services.write_worker_environment(self.host, dict(environment))

    def write_profile(self, name: str, toml: str) -> None:
        self.host.write_files({f"/etc/flexnetd/profiles.d/{name}.toml": toml})

    def leftovers(self) -> list[str]:
        """A line for every trace of flexnetd; [] when nothing of ours is left."""
        return leftovers(self.host, self.bus, self._own_indices)

    def picture(self) -> str:
        """The state of the network and of the names, to compare with an earlier one."""
        return picture(self.host, self.bus)

    def resolve(self, name: str) -> list[str]:
        """The addresses of a name by systemd-resolved; [] when there are none."""
        try:
            found, _, _ = self.bus.call(*RESOLVED, "ResolveHostname", "isit", 0, name, 0, 0)
        except BusError:
            return []
        return [str(ip_address(bytes(address))) for _, _, address in found]

    def start_resolved(self) -> None:
        """Starts systemd-resolved and tells it the home's resolver, as the network's manager would."""
        # The kernel may take a second to call a fresh link up, and the resolver asks nobody over one that is not.
        state = Path(f"/proc/{self.host.pid}/root/sys/class/net/{LINK}/operstate")
        until(lambda: state.read_text().strip() == "up", what=f"{LINK} being up")
        self.programs["systemd-resolved"] = services.start_resolved(self.host)
        self._await_name(RESOLVED[0])
        server = ip_address(self._resolver)
        family = 2 if server.version == 4 else 10
        self.bus.call(*RESOLVED, "SetLinkDNS", "ia(iay)", self.index_of(LINK), [(family, server.packed)])
        self.bus.call(*RESOLVED, "SetLinkDefaultRoute", "ib", self.index_of(LINK), True)

    def _in_session(
        self, who: Account, argv: Sequence[str], session: SessionKind | None
    ) -> tuple[Sequence[str], Identity]:
        if session is None:
            return argv, who.identity
        return self.logind.log_in(who, session).entering(argv), Identity()

    def _furnish(self) -> None:
        resolved = extracted_resolved() if self._names else None
        files = {
            **ETC,
            **({} if self._names else {"/etc/resolv.conf": f"nameserver {self._resolver}\n"}),
            "/etc/passwd": accounts.passwd_text(Path("/etc/passwd").read_text()),
            "/etc/group": accounts.group_text(Path("/etc/group").read_text()),
            **furniture.files_of_packages(CHECKOUT_HERE, resolved),
        }
        self.host.run(["sh"], stdin=furniture.furnishing(files, resolved))
        self._own_indices = {self.index_of(name) for name in self.host.run(["ls", "/sys/class/net"]).stdout.split()}

    def lose_bus(self) -> None:
        """The bus dies, and with it whoever lives on it; flexnetd does what it does."""
        self.bus.close()
        for name in ("dbus-daemon", "polkitd", "systemd-resolved"):
            if (program := self.programs.pop(name, None)) and program.running:
                program.kill()
        self.logind.disconnect()

    def bring_bus_back(self) -> None:
        """A new bus and everybody on it but flexnetd."""
        self.programs["dbus-daemon"] = services.start_bus(self.host)
        self.bus = until(self._connected, 10, "the bus to answer")
        self.programs["polkitd"] = services.start_polkit(self.host)
        self.logind.connect()
        if self._names:
            self.start_resolved()
        self._await_name("org.freedesktop.PolicyKit1")
        self._await_name("org.freedesktop.login1")

    def _start_services(self, stack: contextlib.ExitStack) -> None:
        self.programs["spawner"] = services.start_spawner(self.host)
        self.logind = Logind(self.host, self._world.logs / f"{self.host.name}.login1.log")
        self.bring_bus_back()
        stack.callback(lambda: self.bus.close())
        await_ready(self.programs["spawner"])
        notify = NotifySocket(self._world.folder / f"{self.host.name}.notify")
        stack.callback(notify.close)
        self.daemon = Daemon(self.host, notify, {"FLEXNETD_WIREGUARD_GO": services.WIREGUARD_GO_SOCKET})

    @property
    def _socket_here(self) -> Path:
        """The bus's socket as the test's own process reaches it."""
        return Path(f"/proc/{self.host.pid}/root{services.BUS_SOCKET}")

    def _connected(self) -> Bus | None:
        try:
            return Bus(f"unix:path={self._socket_here}")
        except BusError:
            return None

    def _await_name(self, name: str) -> None:
        def is_there() -> bool:
            for program in self.programs.values():
                if not program.running:
                    raise AssertionError(f"{program.name} ended:\n{program.log_end()}")
            return self.bus.has_owner(name)

        until(is_there, 15, f"{name} on the bus")

    def index_of(self, link: str) -> int:
        """The interface's number."""
        return int(self.host.run(["cat", f"/sys/class/net/{link}/ifindex"]).stdout)

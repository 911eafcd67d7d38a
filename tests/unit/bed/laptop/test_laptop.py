"""A workstation's bus, polkit, resolver, logind and spawner are what they say they are."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.laptop import services
from tests.bed.laptop.accounts import ALICE, BOB, DAEMON, Account
from tests.bed.laptop.bus import BusError
from tests.bed.laptop.laptop import Laptop
from tests.bed.laptop.leftovers import RESOLVED
from tests.bed.laptop.sessions import SessionKind
from tests.bed.servers.start import await_ready, start_names
from tests.bed.world.operator_plan import (
    GATEWAY,
    GATEWAY_NAME,
    INTRANET_NAMES,
    PAGE_NAME,
    PAGES,
    PUBLIC_NAMES,
    PUBLIC_RESOLVER,
    operator_plan,
)
from tests.bed.world.process import PYTHON, Identity
from tests.bed.world.world import World

pytestmark = pytest.mark.world

ONE_THAT_ACTIVE_PEOPLE_MAY = "org.freedesktop.login1.reboot"
ONE_THAT_NEEDS_AN_ADMINISTRATOR = "org.freedesktop.policykit.exec"

ON_THE_BUS = "import dbus.bus,sys; c=dbus.bus.BusConnection(0*sys.argv[0] or 'unix:path=/run/dbus/system_bus_socket')"
CALLER = ON_THE_BUS + "; print(c.get_unique_name(), flush=True); sys.stdin.read()"


@contextmanager
def connected(laptop: Laptop, who: Account, session: SessionKind | None) -> Iterator[str]:
    """The unique name of a connection that this person holds."""
    caller = laptop.popen_as(who, [PYTHON, "-c", CALLER], session=session, stdin=subprocess.PIPE)
    assert caller.stdout is not None
    assert caller.stdin is not None
    yield caller.stdout.readline().decode().strip()
    caller.stdin.close()
    caller.wait(5)


def polkit_allows(laptop: Laptop, caller: str, action: str) -> bool:
    subject = ("system-bus-name", {"name": caller})
    allowed, _, _ = laptop.bus.call(
        "org.freedesktop.PolicyKit1",
        "/org/freedesktop/PolicyKit1/Authority",
        "org.freedesktop.PolicyKit1.Authority",
        "CheckAuthorization",
        "(sa{sv})sa{ss}us",
        subject,
        action,
        {},
        0,
        "",
    )
    return bool(allowed)


@pytest.mark.parametrize(
    ("session", "allowed"),
    [
        (SessionKind.LOCAL, True),
        (SessionKind.BACKGROUND, False),
        (SessionKind.SSH, False),
        (None, False),
    ],
)
def test_polkit_tells_sessions_apart(laptop: Laptop, session: SessionKind | None, allowed: bool) -> None:
    laptop.logind.forget()
    with connected(laptop, ALICE, session) as caller:
        assert polkit_allows(laptop, caller, ONE_THAT_ACTIVE_PEOPLE_MAY) is allowed
        assert not polkit_allows(laptop, caller, ONE_THAT_NEEDS_AN_ADMINISTRATOR)


def test_polkit_knows_no_action_of_the_machines_other_packages(laptop: Laptop) -> None:
    with (
        connected(laptop, ALICE, SessionKind.LOCAL) as caller,
        pytest.raises(BusError, match="not registered"),
    ):
        polkit_allows(laptop, caller, "org.freedesktop.packagekit.package-install")


def test_the_bus_denies_names_to_people(laptop: Laptop) -> None:
    taking = ["busctl", "call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName", "su"]
    denied = laptop.run_as(BOB, [*taking, "org.flexnetd.FlexNet1", "0"], check=False)
    assert denied.returncode != 0
    assert "Access denied" in denied.stderr


def test_the_bus_knows_people_by_their_whole_uid(laptop: Laptop) -> None:
    with connected(laptop, BOB, None) as caller:
        assert laptop.bus.owner_uid(caller) == BOB.uid > 65535


def test_a_public_name_resolves_at_the_homes_resolver(laptop: Laptop) -> None:
    assert GATEWAY in laptop.resolve(GATEWAY_NAME)
    assert GATEWAY in laptop.run_as(ALICE, ["getent", "ahostsv4", GATEWAY_NAME]).stdout
    assert laptop.resolve(PAGE_NAME) == []


SECOND_LINK = """
ip link add flexnet9 type veth peer name other9 netns {neighbour}
ip addr add 10.99.0.1/24 dev flexnet9; ip link set flexnet9 up
nsenter --target={neighbour} --net sh -c "ip addr add 10.99.0.53/24 dev other9; ip link set other9 up"
"""


def test_a_routing_domain_of_a_second_link_is_asked_there_only(laptop: Laptop, world: World) -> None:
    laptop.host.run(["sh"], stdin=SECOND_LINK.format(neighbour=world["neighbour"].pid))
    await_ready(start_names(world["neighbour"], "10.99.0.53", INTRANET_NAMES))
    index = laptop.index_of("flexnet9")
    laptop.bus.call(*RESOLVED, "SetLinkDNS", "ia(iay)", index, [(2, socket.inet_aton("10.99.0.53"))])
    laptop.bus.call(*RESOLVED, "SetLinkDomains", "ia(sb)", index, [("intranet.example", True)])
    laptop.bus.call(*RESOLVED, "FlushCaches", "")
    until(lambda: laptop.resolve(PAGE_NAME) == [PAGES], what="the name of the routing domain")
    traces = laptop.leftovers()
    assert "link flexnet9" in traces
    assert any(line.startswith("name ") and "intranet.example" in line for line in traces)
    laptop.host.run(["ip", "link", "del", "flexnet9"])
    until(lambda: laptop.resolve(PAGE_NAME) == [], what="the name to be unknown again")
    assert laptop.leftovers() == []


def test_leftovers_name_routes_rules_tables_and_files(laptop: Laptop) -> None:
    host = laptop.host
    before = laptop.picture()
    host.run(["ip", "route", "add", "unreachable", "10.88.0.0/16", "metric", "4294967295", "proto", "177"])
    host.run(["ip", "rule", "add", "from", "10.89.0.1", "table", "7"])
    host.run(["nft", "add", "table", "inet", "flexnetd"])
    host.write_files({"/run/flexnetd/session": "{}"})
    assert [line.split()[0] for line in laptop.leftovers()] == ["route", "rule", "table", "file"]
    assert laptop.picture() != before
    host.run(["ip", "route", "del", "unreachable", "10.88.0.0/16", "metric", "4294967295"])
    host.run(["ip", "rule", "del", "from", "10.89.0.1", "table", "7"])
    host.run(["nft", "delete", "table", "inet", "flexnetd"])
    host.run(["rm", "/run/flexnetd/session"])
    assert laptop.leftovers() == []
    assert laptop.picture() == before


def monitored(laptop: Laptop) -> subprocess.Popen[bytes]:
    """Somebody who prints the signals of logind."""
    code = (
        "import dbus.mainloop.glib as m,dbus.bus,sys; from gi.repository import GLib\n"
        "c=dbus.bus.BusConnection('unix:path=/run/dbus/system_bus_socket', mainloop=m.DBusGMainLoop())\n"
        "c.add_signal_receiver(lambda *a, member: print(member, *a, flush=True), "
        "dbus_interface='org.freedesktop.login1.Manager', member_keyword='member')\n"
        "c.get_name_owner('org.freedesktop.DBus'); print('listening', flush=True); GLib.MainLoop().run()\n"
    )
    listener = laptop.host.popen([PYTHON, "-c", code], identity=DAEMON.identity)
    assert listener.stdout is not None
    assert listener.stdout.readline() == b"listening\n"
    return listener


def test_logind_tells_of_sleep_and_of_the_last_session_of_a_person(laptop: Laptop) -> None:
    laptop.logind.forget()
    listener = monitored(laptop)
    assert listener.stdout is not None
    laptop.logind.sleep()
    laptop.logind.wake()
    laptop.logind.log_in(BOB)
    laptop.logind.log_in(BOB, SessionKind.SSH)
    laptop.logind.log_out(BOB)
    laptop.logind.log_out(BOB, SessionKind.SSH)
    heard = [listener.stdout.readline().decode().split()[:2] for _ in range(8)]
    listener.kill()
    assert [word for word, _ in heard] == [
        *("PrepareForSleep", "PrepareForSleep", "SessionNew", "UserNew", "SessionNew"),
        *("SessionRemoved", "SessionRemoved", "UserRemoved"),
    ]
    assert (heard[0][1], heard[1][1], heard[-1][1]) == ("1", "0", str(BOB.uid))


def test_logind_lists_who_is_there(laptop: Laptop) -> None:
    laptop.logind.forget()
    laptop.logind.log_in(ALICE)
    login1 = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
    assert [entry[:2] for entry in laptop.bus.call(*login1, "ListUsers")] == [(ALICE.uid, "alice")]
    laptop.logind.log_out(ALICE)
    assert laptop.bus.call(*login1, "ListUsers") == []
    with pytest.raises(BusError, match="NoSuchUser"):
        laptop.bus.call(*login1, "GetUser", "u", ALICE.uid)


def test_the_workers_socket_is_for_the_daemon_alone(laptop: Laptop) -> None:
    socket_here = Path(f"/proc/{laptop.host.pid}/root{services.WORKER_SOCKET}")
    status = socket_here.stat()
    assert (status.st_uid, status.st_mode & 0o777) == (DAEMON.uid, 0o600)
    refused = laptop.run_as(ALICE, [PYTHON, "-c", CONNECT, services.WORKER_SOCKET], check=False)
    assert "PermissionError" in refused.stderr


CONNECT = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
ORDER = """
import socket, sys
spawner = socket.socket(socket.AF_UNIX)
spawner.connect(sys.argv[1])
spawner.sendall(sys.argv[2].encode() + b"\\n")
print(spawner.makefile().readline(), end="")
"""


def ordered(laptop: Laptop, order: str) -> str:
    command = [PYTHON, "-c", ORDER, services.WIREGUARD_GO_SOCKET, order]
    return laptop.host.run(command, identity=DAEMON.identity).stdout


def test_wireguard_go_comes_when_it_is_ordered_and_goes_with_its_link(laptop: Laptop) -> None:
    assert ordered(laptop, "create flexnet7") == "ok\n"
    asking = "import socket; s=socket.socket(socket.AF_UNIX); s.connect('/var/run/wireguard/flexnet7.sock')"
    laptop.host.run([PYTHON, "-c", asking], identity=DAEMON.identity)
    assert "link flexnet7" in laptop.leftovers()
    laptop.host.run(["ip", "link", "del", "flexnet7"], identity=Identity(DAEMON.uid, caps=("net_admin",)))
    until(lambda: laptop.leftovers() == [], what="wireguard-go to take its socket along")


def test_nothing_but_an_interface_can_be_ordered(laptop: Laptop) -> None:
    for order in ("create ../x", "delete lo", "create", "create " + "x" * 16):
        assert ordered(laptop, order).startswith("error")


def test_a_name_that_is_taken_is_an_error(laptop: Laptop) -> None:
    assert ordered(laptop, "create eth0").startswith("error")
    assert "link eth0" not in laptop.leftovers()


def test_the_bus_dies_and_comes_back_with_everybody_on_it(laptop: Laptop) -> None:
    laptop.logind.forget()
    laptop.logind.log_in(ALICE)
    laptop.lose_bus()
    assert laptop.run_as(ALICE, ["busctl", "list"], check=False).returncode != 0
    laptop.bring_bus_back()
    with connected(laptop, ALICE, SessionKind.LOCAL) as caller:
        assert polkit_allows(laptop, caller, ONE_THAT_ACTIVE_PEOPLE_MAY)
    assert GATEWAY in laptop.resolve(GATEWAY_NAME)
    assert laptop.bus.has_owner("org.freedesktop.login1")


def test_a_workstation_without_systemd_resolved_asks_the_homes_resolver_itself() -> None:
    with World(operator_plan()) as world, Laptop(world, names=False) as laptop:
        await_ready(start_names(world["web"], PUBLIC_RESOLVER, PUBLIC_NAMES))
        assert not laptop.bus.has_owner(RESOLVED[0])
        assert GATEWAY in laptop.run_as(ALICE, ["getent", "ahostsv4", GATEWAY_NAME]).stdout
        assert laptop.leftovers() == []


def test_the_machine_is_as_it_was(laptop: Laptop) -> None:
    assert not Path("/run/flexnetd").exists()
    assert "alice" not in Path("/etc/passwd").read_text()
    assert not os.path.ismount("/usr/share/polkit-1/rules.d")

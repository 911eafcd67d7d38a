"""README's way from a fresh Debian to the first sign-in: its commands, as they stand, on booted Debians 12 and 13 that
have nothing of what our packages need.

What stands in for the world outside: apt's folder of downloaded archives for Debian's, pip's settings for PyPI, a
folder for the stick that is carried about, and a software key that is plugged in on the member's computer.
"""

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.desktop.desktop import Desktop
from tests.bed.laptop import spawner
from tests.bed.nspawn.machine import Machine, booted
from tests.bed.nspawn.packages_built import BUILD_S, CHECKOUT
from tests.bed.nspawn.packages_portal import PYTHONS, portal_wheels
from tests.bed.nspawn.shown_commands import Shown, shown_commands
from tests.bed.nspawn.workstation import SPAWNER, folders_of, know_public_names, offer_wireguard_go, show_key
from tests.bed.servers.start import PAGE_TEXT, start_surroundings
from tests.bed.world.operator_plan import PAGE_NAME, operator_plan
from tests.bed.world.world import World
from tests.bed.yubikey.plugged_key import PluggedKey

pytestmark = [pytest.mark.nspawn, pytest.mark.timeout(1500)]  # the first run makes images and packages

HEADING = "## From a fresh Debian to the first sign-in"
BUILD, PORTAL, GATEWAY = "Build", "On the portal", "On the gateway"
COMPUTER, MEMBER = "On the member's computer", "And the member"
HOSTS = {PORTAL: "portal", GATEWAY: "gateway", COMPUTER: "laptop"}
STICK = "/media/stick"
PASSWORD = "Kirschbaum-im-Garten-7"
READ_PAGE = f"import urllib.request as r; print(r.urlopen('http://{PAGE_NAME}/', timeout=3).read().decode())"
SCREEN = "/run/bed/screen"


@dataclass(frozen=True, slots=True)
class Place:
    """The member's computer after the last command of the page, and what the member's own commands said."""

    computer: Machine
    desktop: Desktop
    told: str


@pytest.fixture(scope="module", params=PYTHONS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    stick = tmp_path_factory.mktemp("stick")
    secret = secrets.token_bytes(20)
    (stick / "anna.key").write_text(f"{secret.hex()}\n")
    shown = shown_commands((CHECKOUT / "README.md").read_text(), HEADING)
    with ExitStack() as stack:
        world = stack.enter_context(World(operator_plan()))
        start_surroundings(world)
        desktop = stack.enter_context(Desktop(world.folder, {}))
        key = stack.enter_context(PluggedKey.plugged_in(control=world.folder / "readme-key.control"))
        key.program_hmac(2, secret)
        key.auto_touch(0.05)
        machines = {one: stack.enter_context(machine(request.param, world, one, stick, key)) for one in HOSTS}
        computer = machines[COMPUTER]
        show_key(computer, key)
        stack.enter_context(computer.logged_in("alice"))
        told = [carry_out(machines, stick, one) for one in shown]
        yield Place(computer, desktop, told[-1])


@contextmanager
def machine(suite: str, world: World, place: str, stick: Path, key: PluggedKey) -> Iterator[Machine]:
    network = f"/proc/{world[HOSTS[place]].pid}/ns/net"
    binds = {str(stick): STICK, str(portal_wheels(PYTHONS[suite])): "/wheels", "/tmp/.X11-unix": SCREEN}
    binds |= {str(Path(spawner.__file__)): SPAWNER, **folders_of(key)}
    with booted(suite, network=network, binds=binds, fresh=True) as made:
        made.write("/etc/pip.conf", "[global]\nno-index = true\nfind-links = /wheels\n")
        know_public_names(made)
        # A container reads /proc/sys only; a gateway sets what belongs to its own network.
        made.run(["mount", "--bind", "/proc/sys/net", "/proc/sys/net"])
        made.run(["mount", "-o", "remount,bind,rw", "/proc/sys/net"])
        yield made


def carry_out(machines: dict[str, Machine], stick: Path, shown: Shown) -> str:
    """What the block said. Raises AssertionError with its output when a command of it fails."""
    if shown.place == BUILD:
        return build(stick, shown.script)
    if shown.place == MEMBER:
        offer_wireguard_go(machines[COMPUTER])
        return first_sign_in(machines[COMPUTER], stick, shown.script)
    if shown.place == GATEWAY and "systemctl start" in shown.script:
        offer_wireguard_go(machines[GATEWAY], "flexnet-gateway.service", "flexnet-gateway")
    return machines[shown.place].run(["sh", "-e", "-c", shown.script], timeout_s=400).stdout


def build(stick: Path, script: str) -> str:
    """Here in the checkout, which shows the stick at its place to these commands alone."""
    shown = f"mount -t tmpfs stick /media; mkdir {STICK}; mount --bind {stick} {STICK}\n"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c", shown + script]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=BUILD_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def first_sign_in(computer: Machine, stick: Path, script: str) -> str:
    code = (stick / "anna.letter").read_text().partition("activation code ")[2].strip()
    answers = f"anna\n{PASSWORD}\n{code}\n{PASSWORD}\n"
    return computer.run_as("alice", ["sh", "-e", "-c", script], given=answers).stdout


def test_the_page_says_where_each_command_is_to_be_run() -> None:
    shown = shown_commands((CHECKOUT / "README.md").read_text(), HEADING)
    assert {one.place for one in shown} == {BUILD, *HOSTS, MEMBER}


def test_its_commands_end_with_a_member_signed_in(place: Place) -> None:
    assert re.search(r"Connected until .*\d\d:\d\d", place.told), place.told
    page = place.computer.run_as("alice", ["python3", "-c", READ_PAGE], check=False).stdout.strip()
    assert page == PAGE_TEXT


def test_the_desktop_starts_its_programs_by_what_the_package_brought(place: Place) -> None:
    """As a desktop does: the window by its name on the session's bus, the applet by its entry."""
    place.computer.run(["sh", "-c", f"mkdir -p /tmp/.X11-unix; mount --bind {SCREEN} /tmp/.X11-unix"])
    window = "org.flexnetd.FlexNet.Window /org/flexnetd/FlexNet/Window org.freedesktop.Application"
    script = (
        f"flexnet-applet & busctl --user --timeout=30 call {window} Activate a{{sv}} 0 || exit 1;"
        " until busctl --user list | grep -q org.flexnetd.FlexNet.Applet; do :; done;"
        " echo both are there; exec sleep infinity"
    )
    display = place.desktop.environment["DISPLAY"]
    shown = {"DISPLAY": display, "GSK_RENDERER": "cairo", "GDK_BACKEND": "x11", "LANG": "C.UTF-8"}
    log = "/run/bed/desktop.log"
    words = [f"{name}={value}" for name, value in shown.items()]
    session = ["setpriv", "--reuid=alice", "--regid=alice", "--clear-groups", "env", "HOME=/home/alice", *words]
    bus = ["dbus-run-session", "--", "sh", "-c", script]
    quoted = " ".join(f"'{word}'" for word in [*session, *bus])
    running = place.computer.popen(["sh", "-c", f"exec {quoted} >{log} 2>&1"])

    def said() -> str:
        return place.computer.run(["cat", log], check=False).stdout

    try:
        until(
            lambda: "both are there" in said() or running.poll(), 60, "window and applet to be on the bus, or to fail"
        )
        assert "both are there" in said(), said()
        until(lambda: place.desktop.window_id("FlexNet"), 60, "the window to show")
        assert "Traceback" not in said()
    finally:
        running.terminate()
        running.communicate(timeout=20)

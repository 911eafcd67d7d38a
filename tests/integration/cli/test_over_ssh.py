"""Over ssh polkit wants an administrator: pkttyagent asks at the terminal. With the real daemon and the real polkit."""

from __future__ import annotations

import contextlib
import os
import pty
from collections.abc import Iterator

import pytest

from tests.bed.await_ import until
from tests.bed.laptop.accounts import BOB
from tests.bed.laptop.laptop import Laptop
from tests.bed.laptop.sessions import SessionKind
from tests.bed.world.plan import HostPlan, Plan
from tests.bed.world.world import World
from tests.integration.cli.conftest import COMMAND, REPOSITORY

pytestmark = pytest.mark.world
EXAMPLE = REPOSITORY / "packaging/profile-example/example.toml"
ENVIRONMENT = {"LANG": "de_DE.UTF-8", "PYTHONUTF8": "1", "TERM": "xterm", "HOME": "/nonexistent"}


@pytest.fixture
def laptop() -> Iterator[Laptop]:
    with World(Plan((), (HostPlan("laptop"),))) as world, Laptop(world, names=False) as laptop:
        laptop.write_profile("example", EXAMPLE.read_text(encoding="utf-8"))
        laptop.daemon.start()
        yield laptop


def test_an_administrators_password_is_asked_for_at_the_terminal(laptop: Laptop) -> None:
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    os.fchmod(theirs, 0o666)  # as a login shell's terminal belongs to its user
    name = os.ttyname(theirs)
    # The command's own output goes to the terminal as well as its questions.
    command = ["setsid", "--ctty", "--wait", "sh", "-c", f'exec "$@" >{name}', "sh", *COMMAND, "sign-in"]
    process = laptop.popen_as(BOB, command, session=SessionKind.SSH, env=ENVIRONMENT, stdin=theirs, stderr=theirs)
    os.close(theirs)
    shown = ""

    def read() -> str:
        nonlocal shown
        with contextlib.suppress(OSError):  # nothing there now
            shown += os.read(ours, 65536).decode(errors="replace")
        return shown

    try:
        until(lambda: "Password:" in read(), timeout_s=20, what="the question for a password")
        assert "org.flexnetd.sign-in" in shown
        os.write(ours, b"\x03")
        until(lambda: read() and process.poll() is not None, timeout_s=20, what="the end of the command")
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    assert process.returncode == 8
    assert "Das ist Ihnen an diesem Computer nicht erlaubt: anmelden. (FN-601)" in shown


def test_a_script_over_ssh_is_not_asked_and_told_what_to_do(laptop: Laptop) -> None:
    done = laptop.run_as(
        BOB, [*COMMAND, "sign-in"], session=SessionKind.SSH, env=ENVIRONMENT, stdin="b\nx\n", check=False
    )
    assert done.returncode == 8
    assert "Bitte tun Sie es am Computer selbst, oder fragen Sie seinen Administrator." in done.stderr + done.stdout

"""A booted Debian is there in seconds, has real login sessions, and leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bed.await_ import until
from tests.bed.nspawn.image import image
from tests.bed.nspawn.machine import booted

pytestmark = pytest.mark.nspawn


@pytest.mark.parametrize(("suite", "release"), [("bookworm", "12"), ("trixie", "13")])
def test_a_debian_boots_with_real_sessions(suite: str, release: str) -> None:
    with booted(suite) as laptop:
        assert f'VERSION_ID="{release}"' in laptop.run(["cat", "/etc/os-release"]).stdout
        show = "loginctl show-session $XDG_SESSION_ID -p Active -p Seat -p Remote; id -u"
        seen = laptop.run_as("alice", ["sh", "-c", show]).stdout.split()
        assert {"Active=yes", "Seat=seat0", "70001"} <= set(seen)


def test_what_is_written_inside_does_not_survive() -> None:
    with booted("bookworm") as laptop:
        laptop.write("/etc/written-inside", "x")
        pid = laptop.pid
    assert not (image("bookworm") / "etc/written-inside").exists()
    assert not Path(f"/proc/{pid}").exists()


def test_a_unit_ends_in_one_machine_while_it_runs_in_another() -> None:
    with booted("trixie") as one, booted("trixie") as other, other.logged_in("alice"):
        with one.logged_in("alice"):
            pass
        shown = ["systemctl", "show", "-P", "ActiveState", "user@70001.service"]
        until(lambda: one.run(shown).stdout == "inactive\n", 30, "alice's units to have ended")
        assert other.run(shown).stdout == "active\n"

"""A copy of the database and the way back, beside a portal that serves."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed.portal_on_loopback import PortalUnderTest


def command(portal: PortalUnderTest, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "flexnetd.portal.main", *words, "--config", str(portal.config_file)]
    return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)


def users(portal: PortalUnderTest) -> set[str]:
    return {line.split("\t")[0] for line in portal.admin("user", "list")}


def test_what_was_copied_while_it_served_comes_back(own_portal: PortalUnderTest, tmp_path: Path) -> None:
    own_portal.admin("user", "add", "before")
    copy = tmp_path / "copy.db"
    told = command(own_portal, "backup", str(copy))
    assert "audit entries" in told.stdout, told.stderr
    assert copy.stat().st_mode & 0o777 == 0o600
    own_portal.admin("user", "add", "after")
    own_portal.stop()
    assert command(own_portal, "restore", str(copy)).returncode == 0
    own_portal.start()
    assert "before" in users(own_portal)
    assert "after" not in users(own_portal)
    (replaced,) = own_portal.folder.glob("portal.db.replaced-*")
    with sqlite3.connect(replaced) as database:
        assert database.execute("SELECT count(*) FROM users WHERE name = 'after'").fetchone() == (1,)
    database.close()


def test_a_database_in_use_is_not_replaced(own_portal: PortalUnderTest, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert command(own_portal, "backup", str(copy)).returncode == 0
    own_portal.admin("user", "add", "after")
    done = command(own_portal, "restore", str(copy))
    assert done.returncode == 1
    assert "stop the portal" in done.stderr
    assert "after" in users(own_portal)


def test_a_damaged_database_is_replaced_and_kept(own_portal: PortalUnderTest, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert command(own_portal, "backup", str(copy)).returncode == 0
    own_portal.stop()
    file = own_portal.folder / "portal.db"
    file.write_bytes(b"lightning" * 1000)
    assert command(own_portal, "restore", str(copy)).returncode == 0
    assert "alice" in users(own_portal)
    (replaced,) = own_portal.folder.glob("portal.db.replaced-*")
    assert replaced.read_bytes().startswith(b"lightning")


def test_a_damaged_copy_changes_nothing(own_portal: PortalUnderTest, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert command(own_portal, "backup", str(copy)).returncode == 0
    own_portal.stop()
    whole = copy.read_bytes()
    for wrong in (whole[: len(whole) // 2], b"", b"nonsense", whole.replace(b"user alice", b"user malic")):
        copy.write_bytes(wrong)
        done = command(own_portal, "restore", str(copy))
        assert (done.returncode, "FN-706" in done.stderr) == (1, True), done.stderr
    assert "alice" in users(own_portal)
    assert list(own_portal.folder.glob("*replaced*")) == []
    assert list(own_portal.folder.glob(".*")) == []


def test_a_copy_takes_the_place_of_nothing(own_portal: PortalUnderTest, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("another")
    done = command(own_portal, "backup", str(there))
    assert (done.returncode, "FN-705" in done.stderr) == (1, True)
    assert there.read_text() == "another"


@pytest.mark.parametrize("words", [("backup", "/nonexistent/copy.db"), ("restore", "/nonexistent/copy.db")])
def test_a_place_that_is_not_there_is_named(portal: PortalUnderTest, words: tuple[str, str]) -> None:
    done = command(portal, *words)
    assert done.returncode == 1
    assert "/nonexistent/copy.db" in done.stderr

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from flexnetd.daemon.record import RecordFile
from flexnetd.daemon.record_place import record_left
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.session.record import RECORD_VERSION, Record, Step

ONLINE = Record(RECORD_VERSION, Step.ONLINE, owner_uid=70001, username="alice", public_key=b"k" * 32, ifindex=7)


@pytest.fixture
def file(tmp_path: Path) -> RecordFile:
    return RecordFile(str(tmp_path), "boot-1")


def test_what_was_written_is_read_with_this_boot(file: RecordFile) -> None:
    file.write(ONLINE)
    assert file.read() == replace(ONLINE, boot_id="boot-1")


def test_it_is_nobody_elses_to_read(file: RecordFile, tmp_path: Path) -> None:
    file.write(ONLINE)
    assert (tmp_path / "session").stat().st_mode & 0o777 == 0o600


def test_there_is_none_at_first(file: RecordFile, tmp_path: Path) -> None:
    assert file.read() is None
    assert not record_left(str(tmp_path))


def test_another_boot_refuses_it(file: RecordFile, tmp_path: Path) -> None:
    file.write(ONLINE)
    later = RecordFile(str(tmp_path), "boot-2")
    assert later.read() is None
    assert record_left(str(tmp_path))


def test_another_version_is_refused(file: RecordFile) -> None:
    file.write(replace(ONLINE, version=RECORD_VERSION + 1))
    assert file.read() is None


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff" * 100, b'{"version":1}', b"x" * (2 << 20)])
def test_a_damaged_one_is_refused(file: RecordFile, tmp_path: Path, damage: bytes) -> None:
    file.write(ONLINE)
    (tmp_path / "session").write_bytes(damage)
    assert file.read() is None
    assert record_left(str(tmp_path))


def test_one_that_others_can_read_is_refused(file: RecordFile, tmp_path: Path) -> None:
    file.write(ONLINE)
    (tmp_path / "session").chmod(0o644)
    assert file.read() is None


def test_one_of_another_user_is_refused(file: RecordFile, tmp_path: Path) -> None:
    file.write(ONLINE)
    os.chown(tmp_path / "session", 70002, 70002)
    assert file.read() is None


def test_a_pipe_in_its_place_does_not_hold_us_up(file: RecordFile, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "session", 0o600)
    assert file.read() is None


def test_links_are_not_followed(file: RecordFile, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "session").symlink_to(victim)
    (tmp_path / "session.new").symlink_to(victim)
    assert file.read() is None
    file.write(ONLINE)
    assert victim.read_text() == "precious"
    assert not (tmp_path / "session").is_symlink()
    assert file.read() is not None


def test_a_linked_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(Fault) as refused:
        RecordFile(str(tmp_path / "link"), "boot").write(ONLINE)
    assert refused.value.code is Code.RECORD_NOT_WRITTEN


def test_a_retired_one_is_never_adopted_and_still_tells(file: RecordFile, tmp_path: Path) -> None:
    file.write(ONLINE)
    file.retire()
    assert file.read() == replace(ONLINE, boot_id="boot-1", step=Step.STARTED)
    assert record_left(str(tmp_path))
    file.erase()
    assert not record_left(str(tmp_path))


def test_retiring_and_erasing_nothing_is_no_failure(file: RecordFile, tmp_path: Path) -> None:
    file.retire()
    file.erase()
    RecordFile(str(tmp_path / "nowhere"), "boot").erase()


@pytest.fixture
def full_disk(tmp_path: Path) -> Path:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount")
    return place


def test_a_full_disk_keeps_the_old_one_and_names_the_reason(full_disk: Path) -> None:
    try:
        file = RecordFile(str(full_disk), "boot")
        file.write(ONLINE)
        with pytest.raises(Fault) as refused:
            file.write(replace(ONLINE, statement="s" * 60000))
        assert refused.value == Fault(Code.RECORD_NOT_WRITTEN, reason="ENOSPC")
        kept = file.read()
        assert kept is not None
        assert kept.statement == ""
        assert sorted(path.name for path in full_disk.iterdir()) == ["session"]
        file.retire()
        retired = file.read()
        assert retired is not None
        assert retired.step is Step.STARTED
    finally:
        subprocess.run(["umount", str(full_disk)], check=True)

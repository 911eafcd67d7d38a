"""Mozilla VPN had the private key in JSON on D-Bus. Here it is in the kernel (or its stand-in) only: a bus monitor over
a full run, the disk, the logs and the portal's side do not hold it, in any spelling."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.bed.operator.operator import PROFILE
from tests.integration.daemon.member import Member
from tests.integration.daemon.person import Person
from tests.security.private_key import private_key, spellings

pytestmark = pytest.mark.world


def holds_it(data: bytes, key: bytes) -> bool:
    return any(spelling in data for spelling in spellings(key))


def files_under(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_neither_bus_nor_disk_nor_log_nor_portal_sees_it(member: Member, anna: Person) -> None:
    monitor = member.laptop.host.popen(["busctl", "monitor", "--system"], stdout=subprocess.PIPE)
    assert monitor.stdout is not None
    assert member.sign_in(anna) == ""
    key = private_key(member)
    assert len(key) == 32
    assert anna.finished(anna.renew(PROFILE)) == ""
    record = Path(f"/proc/{member.laptop.host.pid}/root/run/flexnetd/session")
    assert record.exists()
    assert not holds_it(record.read_bytes(), key)
    anna.disconnect(PROFILE)
    monitor.terminate()
    seen = monitor.communicate(timeout=10)[0]
    assert b"PropertiesChanged" in seen
    assert not holds_it(seen, key)
    for file in files_under(member.world.folder):
        assert not holds_it(file.read_bytes(), key), file

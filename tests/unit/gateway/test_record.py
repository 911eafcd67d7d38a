"""What one agent leaves to the next."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from flexnetd.gateway.lease import HeldPeer, Lease
from flexnetd.gateway.record import RecordFile, lease_of, record_of
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import SecretBytes

PEER = HeldPeer(b"a" * 32, (ip_network("10.89.0.7"),), 1100.25, SecretBytes(b"p" * 32))
LEASE = Lease(3, 50, 1000.5, (PEER,))
WITHOUT_KEY = Lease(3, 50, 1000.5, (HeldPeer(PEER.public_key, PEER.allowed_ips, 1100.25),))


def test_a_lease_is_read_back_without_its_preshared_keys(tmp_path: Path) -> None:
    RecordFile(tmp_path).write(LEASE, 7)
    assert RecordFile(tmp_path).read(7) == WITHOUT_KEY


def test_the_file_is_ours_alone_and_holds_no_preshared_key(tmp_path: Path) -> None:
    RecordFile(tmp_path).write(LEASE, 7)
    file = tmp_path / "record"
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"cHBw" not in file.read_bytes()  # "ppp" in base64
    assert list(tmp_path.iterdir()) == [file]


def test_writing_again_replaces(tmp_path: Path) -> None:
    record = RecordFile(tmp_path)
    record.write(LEASE, 7)
    record.write(Lease(4, 50, 1000.5), 7)
    assert record.read(7) == Lease(4, 50, 1000.5)


def test_another_interface_has_no_record(tmp_path: Path) -> None:
    record = RecordFile(tmp_path)
    record.write(LEASE, 7)
    assert record.read(8) is None


def test_another_boot_has_no_record() -> None:
    assert lease_of(record_of(LEASE, 7, "this boot"), 7, "this boot") == WITHOUT_KEY
    assert lease_of(record_of(LEASE, 7, "this boot"), 7, "another boot") is None


@pytest.mark.parametrize("text", ["", "{}", "{" * 100, "no JSON"])
def test_what_cannot_be_read_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "record").write_text(text)
    assert RecordFile(tmp_path).read(7) is None


def test_a_record_with_an_address_that_is_none_is_no_record(tmp_path: Path) -> None:
    record = RecordFile(tmp_path)
    record.write(LEASE, 7)
    file = tmp_path / "record"
    file.write_bytes(file.read_bytes().replace(b"10.89.0.7/32", b"10.89.0.7/99"))
    assert record.read(7) is None


def test_a_removed_record_is_gone(tmp_path: Path) -> None:
    record = RecordFile(tmp_path)
    record.write(LEASE, 7)
    record.remove()
    record.remove()
    assert record.read(7) is None


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "record.new").symlink_to(victim)
    (tmp_path / "record").symlink_to(victim)
    RecordFile(tmp_path).write(LEASE, 7)
    assert victim.read_text() == "mine"
    assert not (tmp_path / "record").is_symlink()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        RecordFile(tmp_path / "absent").write(LEASE, 7)
    assert caught.value.code is Code.RECORD_NOT_WRITTEN

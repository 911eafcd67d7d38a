"""The gateway's WireGuard key and its file."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest

from flexnetd.gateway.private_key import private_key, public_key
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault


def test_a_missing_key_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "wireguard.key"
    made = private_key(file)
    assert len(made) == 32
    assert private_key(file) == made
    assert list(tmp_path.iterdir()) == [file]


def test_the_file_is_ours_alone(tmp_path: Path) -> None:
    private_key(tmp_path / "wireguard.key")
    assert (tmp_path / "wireguard.key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_root_made_is_the_agent_s(tmp_path: Path) -> None:
    os.chown(tmp_path, 64120, 64121)
    private_key(tmp_path / "wireguard.key")
    made = (tmp_path / "wireguard.key").stat()
    assert (made.st_uid, made.st_gid) == (64120, 64121)


def test_wg_reads_the_file_and_derives_the_same_public_key(tmp_path: Path) -> None:
    file = tmp_path / "wireguard.key"
    ours = base64.b64encode(public_key(private_key(file))).decode()
    theirs = subprocess.run(["wg", "pubkey"], input=file.read_text(), capture_output=True, text=True, check=True).stdout
    assert theirs.strip() == ours


def test_a_key_of_wg_is_taken(tmp_path: Path) -> None:
    text = subprocess.run(["wg", "genkey"], capture_output=True, text=True, check=True).stdout
    file = tmp_path / "wireguard.key"
    file.touch(0o600)
    file.write_text(text)
    assert base64.b64encode(private_key(file).reveal()).decode() == text.strip()


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        ("", 0o600, "not a WireGuard key"),
        ("?", 0o600, "not base64"),
        (base64.b64encode(b"short").decode(), 0o600, "not a WireGuard key"),
        (base64.b64encode(bytes(32)).decode(), 0o640, "others may read it; its mode must be 0600"),
    ],
)
def test_a_file_that_is_no_key_is_told(tmp_path: Path, text: str, mode: int, reason: str) -> None:
    file = tmp_path / "wireguard.key"
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(Fault) as caught:
        private_key(file)
    assert caught.value == Fault(Code.CONFIG_FILE_UNREADABLE, file=str(file), reason=reason)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault) as caught:
        private_key(tmp_path / "absent" / "wireguard.key")
    assert caught.value.code is Code.CONFIG_FILE_UNREADABLE

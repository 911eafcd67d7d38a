"""Keys, seals and their files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.keys import SealBroken, Sealer, keys_from, read_keys, write_new_key

SEALER = Sealer(bytes(32))


def test_a_seal_opens_for_its_identity_and_no_other() -> None:
    sealed = SEALER.seal(b"secret", "keys/1/secret")
    assert SEALER.open(sealed, "keys/1/secret") == b"secret"
    with pytest.raises(SealBroken):
        SEALER.open(sealed, "keys/2/secret")
    with pytest.raises(SealBroken):
        Sealer(b"\x01" * 32).open(sealed, "keys/1/secret")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(40), b"\x01" + bytes(40)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(sealed, "x")


def test_one_key_makes_keys_that_do_not_open_each_others_seals() -> None:
    keys = keys_from(bytes(32), bytes(32))
    with pytest.raises(SealBroken):
        keys.logins.open(keys.at_rest.seal(b"x", "i"), "i")


def test_hidden_names_are_stable_and_told_apart() -> None:
    keys = keys_from(bytes(32), bytes(32))
    assert keys.hidden_name("a", "b") == keys.hidden_name("a", "b")
    assert keys.hidden_name("a", "b") != keys.hidden_name("ab")
    assert keys.hidden_name("a") != keys_from(b"\x01" * 32, bytes(32)).hidden_name("a")


def test_a_new_key_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "key"
    write_new_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    with pytest.raises(FileExistsError):
        write_new_key(file)


def test_a_key_file_that_is_absent_open_to_others_or_no_key_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    write_new_key(good)
    assert len(read_keys(good, good).grant_public_key) == 32

    def reason() -> object:
        with pytest.raises(Fault) as told:
            read_keys(good, bad)
        assert told.value.code is Code.CONFIG_FILE_UNREADABLE
        assert told.value.facts["file"] == str(bad)
        return told.value.facts["reason"]

    assert reason() == "No such file or directory"
    bad.write_bytes(bytes(32))
    bad.chmod(0o440)
    assert reason() == "readable by others than its owner"
    bad.write_bytes(bytes(31))
    bad.chmod(0o400)
    assert reason() == "not a key of 32 bytes"
    bad.unlink()
    bad.write_bytes(bytes(33))
    bad.chmod(0o400)
    assert reason() == "not a key of 32 bytes"

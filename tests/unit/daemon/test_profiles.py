from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from flexnetd.daemon.profile_import import import_profile, trusted_keys
from flexnetd.daemon.profiles import load_profiles
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.profile import Profile
from flexnetd.wire.profile_container import signed_profile

EXAMPLE = Path(__file__).parents[3] / "packaging/profile-example/example.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "example.toml").write_text(EXAMPLE.read_text())
    return tmp_path


def codes(folder: Path, uid: int = 0) -> list[Code]:
    return [fault.code for fault in load_profiles(((folder, uid),)).health]


def test_a_good_one_is_loaded(folder: Path) -> None:
    found = load_profiles(((folder, 0),))
    assert list(found.by_name) == ["example"]
    assert found.health == ()


def test_a_bad_one_stops_no_other(folder: Path) -> None:
    (folder / "bad.toml").write_text("portal = 1\n")
    (folder / "notes.txt").write_text("not a profile")
    found = load_profiles(((folder, 0),))
    assert list(found.by_name) == ["example"]
    assert len(found.health) == 1


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_one_that_others_may_write_is_refused(folder: Path, mode: int) -> None:
    (folder / "example.toml").chmod(mode)
    assert codes(folder) == [Code.PROFILE_OWNERSHIP]


def test_one_of_another_owner_is_refused(folder: Path) -> None:
    os.chown(folder / "example.toml", 70002, 0)
    assert codes(folder) == [Code.PROFILE_OWNERSHIP]
    assert codes(folder, uid=70002) == []


def test_links_pipes_and_folders_are_refused(folder: Path) -> None:
    (folder / "a.toml").symlink_to("example.toml")
    os.mkfifo(folder / "b.toml", 0o600)
    (folder / "c.toml").mkdir()
    assert codes(folder) == [Code.PROFILE_OWNERSHIP] * 3


@pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * 70_000])
def test_what_is_no_text_of_that_size_is_refused(folder: Path, data: bytes) -> None:
    (folder / "a.toml").write_bytes(data)
    assert codes(folder) == [Code.PROFILE_MALFORMED]


def test_the_first_folder_wins(folder: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    (second / "example.toml").write_text(EXAMPLE.read_text().replace("portal.example.org", "other.example.org"))
    found = load_profiles(((folder, 0), (second, 0), (tmp_path / "nowhere", 0)))
    assert found.by_name["example"].portal_origin == "https://portal.example.org"


@pytest.fixture
def operators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, bytes]:
    """The folder of trusted operators, with one in it; and that one's private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    private = Ed25519PrivateKey.generate()
    place = tmp_path / "operators.d"
    place.mkdir()
    (place / "kv.pub").write_text(base64.b64encode(private.public_key().public_bytes_raw()).decode() + "\n")
    monkeypatch.setenv("FLEXNETD_OPERATORS", str(place))
    return place, private.private_bytes_raw()


def imported(tmp_path: Path, data: bytes, installed: dict[str, Profile] | None = None) -> str:
    file = tmp_path / "handed-over"
    file.write_bytes(data)
    with file.open("rb") as opened:
        return import_profile(opened.fileno(), tmp_path / "imported", installed or {})


def test_a_profile_that_a_trusted_operator_signed_is_stored(tmp_path: Path, operators: tuple[Path, bytes]) -> None:
    data = signed_profile("kv", EXAMPLE.read_text(), operators[1])
    assert imported(tmp_path, data) == "kv"
    found = load_profiles(((tmp_path / "imported", os.geteuid()),))
    assert list(found.by_name) == ["kv"]
    assert (tmp_path / "imported" / "kv.toml").stat().st_mode & 0o777 == 0o600
    assert imported(tmp_path, data, dict(found.by_name)) == "kv"  # once more: an update


def test_a_profile_of_somebody_else_is_refused(tmp_path: Path, operators: tuple[Path, bytes]) -> None:
    for key, trusted in ((bytes(range(32)), True), (operators[1], False)):
        if not trusted:
            (operators[0] / "kv.pub").unlink()
        with pytest.raises(Fault) as refused:
            imported(tmp_path, signed_profile("kv", EXAMPLE.read_text(), key))
        assert refused.value.code is Code.PROFILE_SIGNATURE
    assert not (tmp_path / "imported").exists()


def test_a_profile_of_roots_is_never_replaced(tmp_path: Path, folder: Path, operators: tuple[Path, bytes]) -> None:
    installed = dict(load_profiles(((folder, 0),)).by_name)
    with pytest.raises(Fault) as refused:
        imported(tmp_path, signed_profile("example", EXAMPLE.read_text(), operators[1]), installed)
    assert refused.value.code is Code.PROFILE_OWNERSHIP


def test_a_signature_does_not_excuse_a_mistake(tmp_path: Path, operators: tuple[Path, bytes]) -> None:
    with pytest.raises(Fault) as refused:
        imported(tmp_path, signed_profile("kv", "portal = 1\n", operators[1]))
    assert refused.value.code in {Code.PROFILE_MISSING_KEY, Code.PROFILE_MALFORMED}
    assert not (tmp_path / "imported").exists()


def test_a_link_in_place_of_the_new_file_is_not_followed(tmp_path: Path, operators: tuple[Path, bytes]) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "imported").mkdir()
    (tmp_path / "imported" / ".kv.toml.new").symlink_to(victim)
    (tmp_path / "imported" / "kv.toml").symlink_to(victim)
    assert imported(tmp_path, signed_profile("kv", EXAMPLE.read_text(), operators[1])) == "kv"
    assert victim.read_text() == "precious"


def test_an_operators_key_that_others_may_write_is_refused(operators: tuple[Path, bytes]) -> None:
    (operators[0] / "kv.pub").chmod(0o666)
    with pytest.raises(Fault) as refused:
        trusted_keys(operators[0], owner_uid=0)
    assert refused.value.code is Code.PROFILE_OWNERSHIP

"""The user name used last."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flexnetd.client.remembered import remember_user_name, remembered_user_name


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def test_a_name_is_remembered_by_profile(environment: dict[str, str]) -> None:
    remember_user_name("kvsa", "anna", environment)
    remember_user_name("other", "a.muster", environment)
    assert remembered_user_name("kvsa", environment) == "anna"
    assert remembered_user_name("other", environment) == "a.muster"
    assert remembered_user_name("unknown", environment) == ""


def test_the_file_is_the_persons_own_affair(environment: dict[str, str], tmp_path: Path) -> None:
    remember_user_name("kvsa", "anna", environment)
    file = tmp_path / ".config/flexnet/user-names.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["user-names.json"]


def test_the_configuration_folder_may_be_elsewhere(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "elsewhere")}
    remember_user_name("kvsa", "anna", environment)
    assert (tmp_path / "elsewhere/flexnet/user-names.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"kvsa": 7}', '{"kvsa": "a\\u001b[2J"}'])
def test_a_file_that_makes_no_sense_is_as_none(environment: dict[str, str], tmp_path: Path, content: str) -> None:
    file = tmp_path / ".config/flexnet/user-names.json"
    file.parent.mkdir(parents=True)
    file.write_text(content, encoding="utf-8")
    assert remembered_user_name("kvsa", environment) == ""


def test_what_cannot_be_written_is_forgotten_without_a_word() -> None:
    remember_user_name("kvsa", "anna", {"HOME": "/proc/nonexistent"})
    assert remembered_user_name("kvsa", {"HOME": "/proc/nonexistent"}) == ""


def test_nothing_is_remembered_of_nobody(environment: dict[str, str], tmp_path: Path) -> None:
    remember_user_name("kvsa", "", environment)
    assert not (tmp_path / ".config").exists()

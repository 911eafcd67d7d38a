"""The bundle's file: new, its owner's alone, whole or not there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flexnetd.client.bundle.pieces import Piece
from flexnetd.client.bundle.writing import bundle_text, write_new
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault


def refused(file: str) -> str:
    with pytest.raises(Fault) as caught:
        write_new(file, "text")
    assert caught.value.code is Code.FILE_NOT_WRITTEN
    return str(caught.value.facts["problem"])


def test_it_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write_new(str(tmp_path / "bundle"), "Größe\n")
    assert (tmp_path / "bundle").read_text(encoding="utf-8") == "Größe\n"
    assert stat.S_IMODE((tmp_path / "bundle").stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "bundle").write_text("precious", encoding="ascii")
    assert refused(str(tmp_path / "bundle")) == "file-exists"
    assert (tmp_path / "bundle").read_text(encoding="ascii") == "precious"


@pytest.mark.parametrize("there", [True, False])
def test_no_link_is_followed(tmp_path: Path, there: bool) -> None:
    target = tmp_path / "target"
    if there:
        target.write_text("precious", encoding="ascii")
    (tmp_path / "bundle").symlink_to(target)
    assert refused(str(tmp_path / "bundle")) == "file-exists"
    assert target.exists() is there
    assert not there or target.read_text(encoding="ascii") == "precious"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(str(tmp_path / "nowhere/bundle")) == "no-folder"


def test_each_piece_stands_under_its_name() -> None:
    text = bundle_text([Piece("one", "", "first\n"), Piece("two", "", "second")])
    assert text == "===== one =====\n\nfirst\n\n===== two =====\n\nsecond\n\n"

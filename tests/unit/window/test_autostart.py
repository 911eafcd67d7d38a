"""The applet starts with the desktop of whoever has signed in once."""

from __future__ import annotations

from pathlib import Path

from flexnetd.window.autostart import ENTRY, start_applet_with_desktop


def environment(home: Path, *, installed: bool = True) -> dict[str, str]:
    if installed:
        (home / "share/applications").mkdir(parents=True)
        (home / "share/applications" / ENTRY).write_text("[Desktop Entry]\n")
    return {"HOME": str(home), "XDG_DATA_DIRS": f"/nonexistent:{home}/share"}


def test_the_installed_entry_is_copied(tmp_path: Path) -> None:
    written = start_applet_with_desktop(environment(tmp_path))
    assert written == tmp_path / ".config/autostart" / ENTRY
    assert written.read_text() == "[Desktop Entry]\n"


def test_what_the_person_has_there_stays(tmp_path: Path) -> None:
    told = environment(tmp_path)
    target = tmp_path / ".config/autostart" / ENTRY
    target.parent.mkdir(parents=True)
    target.write_text("Hidden=true\n")
    assert start_applet_with_desktop(told) is None
    assert target.read_text() == "Hidden=true\n"


def test_without_an_applet_nothing_is_written(tmp_path: Path) -> None:
    assert start_applet_with_desktop(environment(tmp_path, installed=False)) is None
    assert not (tmp_path / ".config").exists()


def test_a_home_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = environment(tmp_path) | {"XDG_CONFIG_HOME": str(tmp_path / "file")}
    assert start_applet_with_desktop(told) is None

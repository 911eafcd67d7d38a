"""The desktop's files: what they name exists, and they are what the desktops' own checkers want."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from flexnetd.applet import model
from flexnetd.window import view
from flexnetd.window.activity import Purpose

DESKTOP = Path(__file__).parents[3] / "packaging/desktop"
SYMBOLIC = DESKTOP / "icons/hicolor/symbolic/apps"
ENTRIES = sorted((DESKTOP / "applications").glob("*.desktop"))
NO_HOMEPAGE = "url-homepage-missing"
"""Every operator has its own; a warning since AppStream 1.0."""


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_entries_are_valid(entry: Path) -> None:
    done = subprocess.run(["desktop-file-validate", entry], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_metainfo_is_valid() -> None:
    files = list((DESKTOP / "metainfo").glob("*.xml"))
    command = ["appstreamcli", "validate", "--no-net", "--no-color", *map(str, files)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert "org.flexnetd.FlexNet" in told or "successful" in told, told
    wrong = [line for line in told.splitlines() if re.match(r"\s*[EW]:", line)]
    assert [line for line in wrong if NO_HOMEPAGE not in line] == []


def test_every_sign_that_is_shown_has_an_icon() -> None:
    wanted = {mark.value for mark in view.Mark} | {icon.value for icon in model.Icon} | {"flexnet-notice-symbolic"}
    assert {file.stem for file in SYMBOLIC.glob("*.svg")} == wanted


@pytest.mark.parametrize("icon", sorted(SYMBOLIC.glob("*.svg")), ids=lambda icon: icon.stem)
def test_symbolic_icons_are_filled_shapes_alone(icon: Path) -> None:
    """GTK gives the shapes of a symbolic icon the colour of the text by their fill; a stroke stays as it is."""
    (shape,) = ET.parse(icon).getroot()
    assert shape.tag.endswith("path")
    assert "stroke" not in shape.attrib


def test_the_entrys_actions_are_the_windows() -> None:
    text = (DESKTOP / "applications/org.flexnetd.FlexNet.Window.desktop").read_text()
    actions = re.findall(r"^\[Desktop Action (.*)\]$", text, re.MULTILINE)
    assert set(actions) <= {purpose.value for purpose in Purpose}

"""docs/DBUS.md is what the interfaces' description says."""

from __future__ import annotations

from pathlib import Path

from flexnetd.daemon.bus.page import page

PAGE = Path(__file__).parents[4] / "docs" / "DBUS.md"


def test_the_page_is_what_the_description_says() -> None:
    assert page() == PAGE.read_text(), "run python -m flexnetd.daemon.bus.page > docs/DBUS.md"

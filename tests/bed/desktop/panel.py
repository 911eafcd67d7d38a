"""Debian's Xfce panel as a tray host: a panel of one plugin, the notification area, at the top left of the screen.

It is the watcher (org.kde.StatusNotifierWatcher) and the host, and it draws the icons and their menus.
"""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

from tests.bed.await_ import NeverCame, until
from tests.bed.desktop.desktop import Desktop

FIRST_ICON = (20, 20)
"""Where the first icon lies on the screen, in pixels."""
LONGEST_S = 20.0
_EFFECT_S = 2.0

_LAYOUT = textwrap.dedent("""\
    <?xml version="1.0" encoding="UTF-8"?>
    <channel name="xfce4-panel" version="1.0">
      <property name="configver" type="int" value="2"/>
      <property name="panels" type="array">
        <value type="int" value="1"/>
        <property name="panel-1" type="empty">
          <property name="position" type="string" value="p=6;x=0;y=0"/>
          <property name="position-locked" type="bool" value="true"/>
          <property name="length" type="uint" value="100"/>
          <property name="size" type="uint" value="40"/>
          <property name="icon-size" type="uint" value="24"/>
          <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
        </property>
      </property>
      <property name="plugins" type="empty">
        <property name="plugin-1" type="string" value="systray">
          <property name="square-icons" type="bool" value="true"/>
          <property name="symbolic-icons" type="bool" value="true"/>
        </property>
      </property>
    </channel>
""")


def start_panel(desktop: Desktop, home: Path) -> subprocess.Popen[bytes]:
    folder = home / ".config/xfce4/xfconf/xfce-perchannel-xml"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "xfce4-panel.xml").write_text(_LAYOUT, encoding="utf-8")
    theme = "Adwaita:dark" if desktop.dark else "Adwaita"
    return desktop.start("panel", ["xfce4-panel", "--disable-wm-check"], GTK_THEME=theme)


def choose_third(desktop: Desktop, until_true: Callable[[], bool]) -> None:
    """Opens the menu of the first icon by a click with the right button, and chooses its third entry; again until it
    has had its effect, since the panel takes its time."""

    def chosen() -> bool:
        desktop.click(*FIRST_ICON, button=3)
        desktop.press("Down", "Down", "Down", "Return")
        try:
            return until(until_true, _EFFECT_S)
        except NeverCame:
            desktop.press("Escape")
            return False

    until(chosen, LONGEST_S, "the effect of the menu in the panel")

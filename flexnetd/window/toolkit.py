"""The window's one door to PyGObject: GTK 4 and libadwaita, as old as Debian 12 has them (4.8, 1.2)."""

# PyGObject has no types: everything behind this door is Any, and only widgets.py, main.py and
# examination.py look behind it.
from __future__ import annotations

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("Adw", "1")

from gi.repository import Adw, Gdk, Gio, GLib, Gtk, Pango  # noqa: E402 - the versions come first

__all__ = ["Adw", "GLib", "Gdk", "Gio", "Gtk", "Pango"]

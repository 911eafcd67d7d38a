"""What a screen reader knows of the screen, as JSON: a line in, a line out. A process of its own, because AT-SPI's
library connects once in a process's life.

A line out is a list of [role, name, description, text, [states]], in the order of the tree, of what shows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 - the version comes first

STATES = ("FOCUSED", "SENSITIVE", "VISIBLE", "EXPANDED")


def widgets(node: Any, depth: int = 0) -> Iterator[list[Any]]:
    if node is None or depth > 40:
        return
    try:
        states = node.get_state_set()
        if depth > 1 and not states.contains(Atspi.StateType.VISIBLE):
            return
        named = [s.lower() for s in STATES if states.contains(getattr(Atspi.StateType, s))]
        yield [node.get_role_name(), node.get_name(), node.get_description(), text_of(node), named]
        children = [node.get_child_at_index(index) for index in range(node.get_child_count())]
    except GLib.Error:
        return  # it went away while it was looked at
    for child in children:
        yield from widgets(child, depth + 1)


def text_of(node: Any) -> str:
    try:
        text = node.get_text_iface()
        return Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text)) if text is not None else ""
    except GLib.Error:
        return ""


def main() -> None:
    Atspi.init()
    Atspi.set_timeout(2000, 4000)
    context = GLib.MainContext.default()
    for _ in sys.stdin:
        while context.iteration(False):
            pass
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        print(json.dumps([w for i in range(desktop.get_child_count()) for w in widgets(desktop.get_child_at_index(i))]))
        sys.stdout.flush()


if __name__ == "__main__":
    main()

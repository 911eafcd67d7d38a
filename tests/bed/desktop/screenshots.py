"""`make screenshots`: every state of window and applet, in both languages, light and dark, as
build/screenshots/STATE-LANGUAGE-STYLE.png. `make pictures` renews docs/pictures/STATE-LANGUAGE.png from them: a few,
light, small. A state of the window is called window-NAME (pictured.py has the names).

    python -m tests.bed.desktop.screenshots [--only STATE ...] [--keep] [FOLDER]

Needs no root, no network and no screen. The service is the scripted one, so the pictures are the same on every machine,
but for the times in them. Look at all of them after a change: a test sees no text that is cut off.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flexnetd.client.language import Language, language_named
from tests.bed.await_ import until
from tests.bed.desktop.desktop import REPOSITORY, Desktop
from tests.bed.desktop.panel import FIRST_ICON, start_panel
from tests.bed.desktop.pictured import HOUR_S, ME, OPERATOR, Pictured, pictured
from tests.bed.desktop.session_services import Service
from tests.bed.scripted_flexnetd import Script, scripted

LOCALES = {"de": "de_DE.UTF-8", "en": "en_GB.UTF-8"}
DARK = {"light": False, "dark": True}
TITLE = "^FlexNet$"
APPLET = "applet-menu"
PANEL_PX = "390x270+0+0"
BACKGROUND = {"light": "#6b8fa8", "dark": "#243642"}
BORDER_PX = "4x4"
"""What a window has around it where nothing draws shadows."""
COLOURS = 64


@contextlib.contextmanager
def a_desktop(language: str, style: str) -> Iterator[tuple[Desktop, Path]]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="s", ignore_cleanup_errors=True)))
        yield stack.enter_context(Desktop(home, {}, language=LOCALES[language], dark=DARK[style])), home


def picture_window(state: Pictured, language: Language, style: str, file: Path) -> None:
    with a_desktop(language.tag, style) as (desktop, home), ExitStack() as stack:
        address = f"unix:path={home}/nobody"
        if state.script is not None:
            bus, _ = stack.enter_context(scripted(home, Script(**{**OPERATOR, **state.script})))
            address = bus.address
        desktop.environment["DBUS_SYSTEM_BUS_ADDRESS"] = address
        if state.tray:
            stack.callback(Service(desktop, "watcher", home / "watcher").close)
        desktop.start_window()
        desktop.await_text(said(language, state.first or "FlexNet"))
        until(lambda: desktop.window_id(TITLE), what="the window")
        settle(desktop)
        state.do(desktop)
        desktop.await_text(said(language, state.shows))
        settle(desktop)
        desktop.picture(file, desktop.window_id(TITLE), "-shave", BORDER_PX)


def picture_applet(language: Language, style: str, file: Path) -> None:
    with a_desktop(language.tag, style) as (desktop, home), ExitStack() as stack:
        now = int(time.time())
        words = {"de": "Neues Handbuch", "en": "New handbook"}
        notices = [["n1", "message", now, now + HOUR_S, [], [], words]]
        script = Script(state="online", owner_uid=ME, ends_in_s=2 * HOUR_S, notices=notices, **OPERATOR)
        bus, _ = stack.enter_context(scripted(home, script))
        desktop.environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus.address
        start_panel(desktop, home)
        settle(desktop)
        empty = desktop.pixels()
        desktop.start("applet", [sys.executable, "-m", "flexnetd.applet.main"])
        until(lambda: desktop.pixels() != empty, 20, "the icon in the panel")
        settle(desktop)
        desktop.click(*FIRST_ICON, button=3)
        settle(desktop)
        # The screen behind everything is pure black, which no theme uses.
        desktop.picture(file, "root", "-crop", PANEL_PX, "+repage", "-fill", BACKGROUND[style], "-opaque", "black")


def said(language: Language, text: str) -> str:
    """How a text begins in that language, up to its first fact, and without a full stop, as a headline has it."""
    return language.text(text).partition("{")[0].removesuffix(".")


def settle(desktop: Desktop) -> None:
    """Until two pictures in a row are the same: fades are over. A spinner never settles."""
    before = b""
    for _ in range(8):
        now = desktop.pixels()
        if now == before:
            return
        before = now
        time.sleep(0.25)


def keep(folder: Path, kept: Path) -> None:
    """The few of docs/pictures, with so few colours that they are small."""
    kept.mkdir(exist_ok=True)
    names = [f"window-{state.name}" for state in pictured() if state.kept] + [APPLET]
    for language in LOCALES:
        for name in names:
            source, target = folder / f"{name}-{language}-light.png", kept / f"{name}-{language}.png"
            few = ["-dither", "None", "-colors", str(COLOURS), "-define", "png:compression-level=9", "-strip"]
            subprocess.run(["convert", str(source), *few, f"PNG8:{target}"], check=True)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="screenshots", description="Pictures of window and applet.")
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "build/screenshots")
    parser.add_argument("--only", nargs="+", default=[], metavar="STATE")
    parser.add_argument("--keep", action="store_true", help="renew docs/pictures, too")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    for tag in LOCALES:
        language = language_named(tag)
        for style in DARK:
            for state in pictured():
                if not options.only or state.name in options.only:
                    picture_window(state, language, style, options.folder / f"window-{state.name}-{tag}-{style}.png")
            if not options.only or APPLET in options.only:
                picture_applet(language, style, options.folder / f"{APPLET}-{tag}-{style}.png")
    if options.keep:
        keep(options.folder, REPOSITORY / "docs/pictures")
    print(f"{len(list(options.folder.glob('*.png')))} pictures in {options.folder}")


if __name__ == "__main__":
    main(sys.argv[1:])

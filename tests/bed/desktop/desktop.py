"""A desktop without a screen: an X server (Xvfb), a window manager, a session bus of its own with accessibility.

    with Desktop(folder, {"DBUS_SYSTEM_BUS_ADDRESS": bus.address}) as desktop:
        desktop.start("window", [PYTHON, "-m", "flexnetd.window.main"])
        until(lambda: desktop.shows("Not signed in"))
        desktop.press("Return")
        desktop.write("a password")
        desktop.picture(Path("window.png"))

What is on the screen is read as a screen reader does (AT-SPI, in a process of its own), and the keyboard is the X
server's. Nothing of the machine's own session is touched. `language` is of the form "de_DE.UTF-8".
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tests.bed.await_ import until

REPOSITORY = Path(__file__).resolve().parents[3]
SCREEN = "1000x760x24"
WINDOW = "org.flexnetd.FlexNet.Window"


@dataclass(frozen=True)
class Seen:
    """A widget as a screen reader knows it."""

    role: str
    name: str
    description: str
    text: str
    states: frozenset[str]

    @property
    def focused(self) -> bool:
        return "focused" in self.states


@dataclass(frozen=True)
class Seat:
    """Where the desktop's programs run and as whom: `command` makes a command line into one that does so."""

    python: str = sys.executable
    checkout: str = str(REPOSITORY)
    command: Callable[[Sequence[str]], list[str]] = list


class Desktop:
    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        language: str = "de_DE.UTF-8",
        dark: bool = False,
        seat: Seat = Seat(),  # noqa: B008 - a frozen value
        owner: int | None = None,
    ) -> None:
        """`folder` is the person's home, and short: sockets lie in it. `owner` is the person's uid, where it is not
        ours."""
        self._folder, self._exit, self._seat = folder, contextlib.ExitStack(), seat
        self.dark, self._owner = dark, owner
        self.bus_address = f"unix:path={folder}/session-bus"
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_DATA_DIRS": f"{folder}/share:{seat.checkout}/packaging/desktop:/usr/share",
            "XDG_CURRENT_DESKTOP": "XFCE",
            "DBUS_SESSION_BUS_ADDRESS": self.bus_address,
            "LANG": language,
            "TZ": "Europe/Berlin",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": seat.checkout,
            "GSK_RENDERER": "cairo",
            "GDK_BACKEND": "x11",
            "GTK_A11Y": "atspi",
            "GSETTINGS_BACKEND": "memory",
            "GTK_USE_PORTAL": "0",
            "ADW_DISABLE_PORTAL": "1",
            "ADW_DEBUG_COLOR_SCHEME": "prefer-dark" if dark else "prefer-light",
            "NO_AT_BRIDGE": "0",
            **environment,
        }

    def __enter__(self) -> Desktop:
        with contextlib.ExitStack() as stack:
            self._exit = stack
            self._write_window_service()
            self._write_settings()
            self._hand_over()
            self._start_screen()
            self._start_bus()
            self.start("openbox", ["openbox"])
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def start(self, name: str, argv: Sequence[str], **environment: str) -> subprocess.Popen[bytes]:
        """Its output goes to NAME.log in the folder. It ends with the desktop."""
        log = (self._folder / f"{name}.log").open("ab")
        self._exit.callback(log.close)
        process = subprocess.Popen(
            self._seat.command(argv),
            cwd=REPOSITORY,
            env={**self.environment, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        self._exit.callback(_end, process)
        return process

    def start_window(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self.start("window", [self._seat.python, "-m", "flexnetd.window.main", *arguments])

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    # -- eyes

    def seen(self) -> list[Seen]:
        """Every widget that shows, of every program, in order."""
        reader = self._reader
        assert reader.stdin is not None
        assert reader.stdout is not None
        reader.stdin.write(b"look\n")
        reader.stdin.flush()
        told = json.loads(reader.stdout.readline())
        return [Seen(role, name, desc, text, frozenset(states)) for role, name, desc, text, states in told]

    def shows(self, text: str) -> bool:
        return any(text in (widget.name or widget.text) for widget in self.seen())

    def await_text(self, text: str, timeout_s: float = 15) -> None:
        until(lambda: self.shows(text), timeout_s, f"{text!r} on the screen")

    def focused(self) -> Seen | None:
        return next((widget for widget in self.seen() if widget.focused), None)

    def await_focus(self, name: str) -> Seen:
        """The focused widget, as soon as it is the one called `name`."""

        def is_there() -> Seen | None:
            widget = self.focused()
            return widget if widget is not None and widget.name == name else None

        return until(is_there, 10, f"the focus on {name!r}")

    def picture(self, file: Path, window: str = "root", *changes: str) -> None:
        """A picture of a window (an X id) or of the screen; `changes` as ImageMagick has them: "-shave", "4x4"."""
        taken = self._run("import", "-window", window, "miff:-")
        subprocess.run(["convert", "-", *changes, "-strip", str(file)], input=taken, check=True)

    def pixels(self) -> bytes:
        """The whole screen, to compare with an earlier one."""
        return self._run("import", "-window", "root", "rgb:-")

    def window_id(self, name: str) -> str:
        """The X id of the window that shows with this title."""
        found = self._run("xdotool", "search", "--onlyvisible", "--name", name, check=False).split()
        return found[-1].decode() if found else ""

    def width_px(self, name: str) -> int:
        """Of the window with this title."""
        told = self._run("xdotool", "getwindowgeometry", "--shell", self.window_id(name)).decode()
        return int(dict(line.split("=") for line in told.split())["WIDTH"])

    # -- hands

    def press(self, *keys: str) -> None:
        """Keys as X calls them: "Return", "Tab", "alt+e"."""
        self._run("xdotool", "key", "--delay", "30", *keys)

    def write(self, text: str) -> None:
        self._run("xdotool", "type", "--delay", "15", text)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self._run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def _run(self, *words: str, check: bool = True) -> bytes:
        """What it says, at its end."""
        command = self._seat.command(words)
        done = subprocess.run(command, env=self.environment, check=check, timeout=30, stdout=subprocess.PIPE)
        return done.stdout

    # -- furniture

    def _start_screen(self) -> None:
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
        log = (self._folder / "Xvfb.log").open("ab")
        self._exit.callback(log.close)
        process = subprocess.Popen(
            self._seat.command(command), env=self.environment, pass_fds=[writing], stdout=log, stderr=log
        )
        self._exit.callback(_end, process)
        os.close(writing)
        with os.fdopen(reading) as told:
            self.environment["DISPLAY"] = ":" + told.readline().strip()

    def _start_bus(self) -> None:
        config = self._folder / "session-bus.conf"
        config.write_text(
            textwrap.dedent(f"""\
                <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
                 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
                <busconfig>
                  <type>session</type>
                  <listen>{self.bus_address}</listen>
                  <servicedir>{self._folder}/share/dbus-1/services</servicedir>
                  <servicedir>/usr/share/dbus-1/services</servicedir>
                  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
                    <allow own="*"/></policy>
                </busconfig>
            """),
            encoding="utf-8",
        )
        command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"]
        log = (self._folder / "dbus-daemon.log").open("ab")
        self._exit.callback(log.close)
        process = subprocess.Popen(
            self._seat.command(command), env=self.environment, stdout=subprocess.PIPE, stderr=log
        )
        self._exit.callback(_end, process)
        assert _pipe(process.stdout).readline(), "the session's bus did not start"
        self._reader = subprocess.Popen(
            self._seat.command([self._seat.python, "-m", "tests.bed.desktop.screen_reader"]),
            cwd=REPOSITORY,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        self._exit.callback(_end, self._reader)

    def _hand_over(self) -> None:
        """The home, and all that was written into it, to its owner."""
        if self._owner is not None:
            for path in (self._folder, *self._folder.rglob("*")):
                os.chown(path, self._owner, self._owner)

    def _write_settings(self) -> None:
        """What a settings service would tell: the typeface of GNOME, and of the rest as it comes."""
        for version in ("3.0", "4.0"):
            file = self._folder / f".config/gtk-{version}/settings.ini"
            file.parent.mkdir(parents=True)
            file.write_text("[Settings]\ngtk-font-name=Cantarell 11\ngtk-xft-antialias=1\n", encoding="utf-8")

    def _write_window_service(self) -> None:
        """The window can be started by the bus, as an installed one can."""
        services = self._folder / "share/dbus-1/services"
        services.mkdir(parents=True)
        program = f"{self._seat.python} -m flexnetd.window.main --gapplication-service"
        text = f"[D-BUS Service]\nName={WINDOW}\nExec={program}\n"
        (services / f"{WINDOW}.service").write_text(text, encoding="utf-8")


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()

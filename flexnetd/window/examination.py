"""Looks for the cause beside the window, by examiner.py in a process of its own: nothing here waits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flexnetd.window.toolkit import Gio, GLib

COMMAND = (sys.executable, "-P", "-m", "flexnetd.window.examiner")
"""-P: nothing is imported from the folder that the window was started in."""


class Examination:
    """`heard` gets each line, and None when there are no more."""

    def __init__(self, heard: Callable[[str | None], None]) -> None:
        self._heard = heard
        self._process: Any = None

    def start(self) -> None:
        self.stop()
        flags = Gio.SubprocessFlags.STDOUT_PIPE | Gio.SubprocessFlags.STDERR_SILENCE
        try:
            self._process = Gio.Subprocess.new(COMMAND, flags)
        except GLib.Error:
            self._heard(None)
            return
        stream = Gio.DataInputStream.new(self._process.get_stdout_pipe())
        self._listen(self._process, stream)

    def stop(self) -> None:
        """Its lines are not heard any more."""
        process, self._process = self._process, None
        if process is not None:
            process.force_exit()

    def _listen(self, process: Any, stream: Any) -> None:
        stream.read_line_async(GLib.PRIORITY_DEFAULT, None, lambda _, result: self._read(process, stream, result))

    def _read(self, process: Any, stream: Any, result: Any) -> None:
        if process is not self._process:
            return
        try:
            line, _ = stream.read_line_finish_utf8(result)
        except GLib.Error:
            line = None
        if line is None:
            self._process = None
        else:
            self._listen(process, stream)
        self._heard(line)

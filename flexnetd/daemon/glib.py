"""The one door to GLib: its main loop by ctypes, since PyGObject would cost 3 MiB for these five functions.

Every watch is served by one C callback with a number as its data, so that a watch may remove itself while it runs:
no callback object is ever freed under GLib's feet. A number that is no longer known is answered with "remove me".
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

READABLE = 1
WRITABLE = 4
HANG_UP = 16
ERROR = 8

_glib = ctypes.CDLL("libglib-2.0.so.0")
_WATCH = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)

_glib.g_main_loop_new.restype = ctypes.c_void_p
_glib.g_main_loop_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
_glib.g_main_loop_run.argtypes = [ctypes.c_void_p]
_glib.g_main_loop_run.restype = None
_glib.g_main_loop_quit.argtypes = [ctypes.c_void_p]
_glib.g_main_loop_quit.restype = None
_glib.g_unix_fd_add.argtypes = [ctypes.c_int, ctypes.c_int, _WATCH, ctypes.c_void_p]
_glib.g_unix_fd_add.restype = ctypes.c_uint
_glib.g_source_remove.argtypes = [ctypes.c_uint]
_glib.g_source_remove.restype = ctypes.c_int

_ready: dict[int, Callable[[], None]] = {}
_next_number = 1


def _dispatch(_fd: int, _condition: int, number: int | None) -> int:
    ready = _ready.get(number or 0)
    if ready is None:
        return 0
    ready()
    return 1 if number in _ready else 0


_callback = _WATCH(_dispatch)


class Watch:
    """`ready` is called on the loop whenever `fd` is so; it must not raise."""

    def __init__(self, fd: int, condition: int, ready: Callable[[], None]) -> None:
        global _next_number  # noqa: PLW0603 - numbers are unique in the process, as GLib's default context is
        self._number = _next_number
        _next_number += 1
        _ready[self._number] = ready
        self._source = int(_glib.g_unix_fd_add(fd, condition | HANG_UP | ERROR, _callback, self._number))

    def remove(self) -> None:
        """May be called twice, and from within `ready`."""
        if _ready.pop(self._number, None) is not None:
            _glib.g_source_remove(self._source)


class MainLoop:
    def __init__(self) -> None:
        self._loop = _glib.g_main_loop_new(None, 0)

    def run(self) -> None:
        _glib.g_main_loop_run(self._loop)

    def quit(self) -> None:
        _glib.g_main_loop_quit(self._loop)

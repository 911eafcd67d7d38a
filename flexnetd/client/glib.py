"""GLib's default main context, by ctypes: what a client without a window needs to receive signals.

dbus-python hangs its connection into that context. A GTK window runs the same context with its own loop and needs
nothing of this module.

Ctrl-C: an exception inside one of GLib's callbacks would be lost, so while GLib runs, SIGINT is only noted, and
KeyboardInterrupt is raised when GLib has returned.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import signal
import threading
from collections.abc import Iterator

_Source = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_REMOVE = 0


def iterate(at_most_s: float) -> None:
    """Dispatches what is ready; waits for something to become ready, `at_most_s` seconds long."""
    library = _library()
    over: list[bool] = []

    def time_is_up(_: object) -> int:
        over.append(True)
        return _REMOVE

    callback = _Source(time_is_up)
    source = library.g_timeout_add(max(0, round(at_most_s * 1000)), callback, None)
    try:
        with _interrupt_noted():
            library.g_main_context_iteration(None, 1)
    finally:
        if not over:
            library.g_source_remove(source)


@contextlib.contextmanager
def _interrupt_noted() -> Iterator[None]:
    noted: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    # Signals come to the main thread, and only there handlers can be set.
    elsewhere = threading.current_thread() is not threading.main_thread()
    if elsewhere or before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda number, _: noted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if noted:
        raise KeyboardInterrupt


@functools.cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libglib-2.0.so.0")
    library.g_main_context_iteration.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.g_timeout_add.argtypes = [ctypes.c_uint, _Source, ctypes.c_void_p]
    library.g_timeout_add.restype = ctypes.c_uint
    library.g_source_remove.argtypes = [ctypes.c_uint]
    return library

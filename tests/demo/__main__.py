"""`make demo`: plays the main job and ends with 0 when every step passed.

PAGE_TEXT=... is what the page behind the tunnel says. KEEP=1 leaves the world standing and returns. The report is
build/demo/report.json. Ctrl-C, SIGTERM and even SIGKILL leave nothing behind.

A child plays the story. With KEEP=1 it lives on and holds the world, so that whoever called gets their prompt back.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from typing import NoReturn

from tests.demo.keep import leave_standing
from tests.demo.play import new_report, play
from tests.demo.report import FILE, Outcome
from tests.demo.telling import heading

PASSED, FAILED, INTERRUPTED = 0, 1, 130
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


def main() -> int:
    if os.geteuid() != 0:
        print("The demo builds a world of network namespaces: it needs root (`make demo` uses sudo).", file=sys.stderr)
        return FAILED
    reader, writer = os.pipe()
    player = os.fork()
    if player == 0:
        os.close(reader)
        _end_with_the_caller(signal.SIGTERM)
        _play_to_the_end(writer)
    os.close(writer)
    for number in ENDING:
        # A terminal's Ctrl-C has reached the player already; twice does no harm.
        signal.signal(number, lambda number, _: _pass_on(player, number))
    verdict = os.read(reader, 1)
    return verdict[0] if verdict else FAILED


def _pass_on(player: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(player, number)


def _play_to_the_end(writer: int) -> NoReturn:
    for number in ENDING:
        signal.signal(number, _end)
    exit_code = INTERRUPTED
    keep = os.environ.get("KEEP", "") not in {"", "0"}
    if keep:
        _leave_standard_error()
    try:
        with contextlib.ExitStack() as stack:
            report = new_report()
            stage = play(stack, report)
            exit_code = PASSED if report.outcome is Outcome.PASSED else FAILED
            heading(f"\n{report.outcome.value} in {report.elapsed_s:.1f} s; report: {FILE}")
            if stage is not None and keep:
                for line in leave_standing(stage):
                    heading(line)
                os.write(writer, bytes([exit_code]))
                _stay()
    except SystemExit:
        with contextlib.suppress(OSError):
            heading("\ninterrupted; nothing is left")
    finally:
        with contextlib.suppress(OSError):  # the caller may be gone
            os.write(writer, bytes([exit_code]))
        os._exit(exit_code)


def _stay() -> NoReturn:
    """Without a terminal, until SIGTERM."""
    _end_with_the_caller(0)
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    while True:
        signal.pause()


def _leave_standard_error() -> None:
    """What lives on must not hold the caller's standard error: a pipe's reader would wait for it for ever."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    log = os.open(FILE.parent / "standard-error.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 2)
    os.close(log)


def _end_with_the_caller(number: int) -> None:
    """Which signal this process gets when its parent dies; 0 for none (prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def _end(number: int, _: object) -> None:
    """Once: clearing away must not be interrupted."""
    for ending in ENDING:
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())

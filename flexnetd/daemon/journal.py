"""The daemon's log: to the journal by its own protocol, or as lines to standard error where systemd did not start us.

The rules:
- A record is its message, formed; its arguments do not travel apart (systemd's JournalHandler sends them too), and a
  traceback carries no values.
- What looks like a one-time password (32 and more modhex letters) is struck out: people paste codes into wrong fields.
- The journal being away loses lines, never the daemon.

https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import sys

JOURNAL_SOCKET = "/run/systemd/journal/socket"
LONGEST_MESSAGE = 8192

_MODHEX = re.compile(r"[cbdefghijklnrtuv]{32,}", re.IGNORECASE)
_PRIORITY = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


def scrubbed(text: str) -> str:
    """The text without one-time passwords, and no longer than LONGEST_MESSAGE."""
    return _MODHEX.sub("[modhex]", text)[:LONGEST_MESSAGE]


def journal_entry(identifier: str, record: logging.LogRecord) -> bytes:
    """The datagram for one record: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, FLEXNET_AREA, and CODE_* of a mistake."""
    fields = {
        "MESSAGE": told(record),
        "PRIORITY": str(_priority(record.levelno)),
        "SYSLOG_IDENTIFIER": identifier,
        "FLEXNET_AREA": record.name,
    }
    return b"".join(_field(name, text) for name, text in fields.items())


def told(record: logging.LogRecord) -> str:
    """The message; for a mistake also where it happened, as files and lines without values."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        text += f"\n{record.exc_info[0].__name__}" + _places(record)
    return scrubbed(text)


class JournalHandler(logging.Handler):
    def __init__(self, identifier: str, path: str = JOURNAL_SOCKET) -> None:
        super().__init__()
        self._identifier, self._path = identifier, path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(journal_entry(self._identifier, record), self._path)

    def close(self) -> None:
        self._socket.close()
        super().close()


class LineHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"<{_priority(record.levelno)}>{record.name}: {told(record)}\n")
            sys.stderr.flush()


def set_up(identifier: str) -> None:
    """Makes the root logger speak to the journal when systemd started us, else to standard error."""
    under_systemd = "JOURNAL_STREAM" in os.environ
    handler = JournalHandler(identifier) if under_systemd else LineHandler()
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False


def _priority(level: int) -> int:
    return next((priority for least, priority in _PRIORITY if level >= least), 7)


def _places(record: logging.LogRecord) -> str:
    places = ""
    traceback = record.exc_info[2] if record.exc_info else None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places += f"\n  {code.co_filename}:{traceback.tb_lineno} {code.co_qualname}"
        traceback = traceback.tb_next
    return places


def _field(name: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if b"\n" in data:
        return name.encode() + b"\n" + len(data).to_bytes(8, "little") + data + b"\n"
    return name.encode() + b"=" + data + b"\n"

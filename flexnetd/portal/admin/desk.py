"""What every command of `flexnet-admin` stands on: the database, the keys, and who is asking."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.portal.config import PortalConfig
from flexnetd.portal.keys import Keys, read_keys
from flexnetd.portal.login.password import Passwords
from flexnetd.portal.storage import audit
from flexnetd.portal.storage.database import Database

STANDARD_INPUT = "-"
_LONGEST_INPUT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Desk:
    config: PortalConfig
    database: Database
    keys: Keys
    passwords: Passwords
    actor: str

    @contextmanager
    def change(self, action: str, subject: str, detail: str = "") -> Iterator[tuple[Connection, int]]:
        """A transaction with its time; the audit log's entry is part of it."""
        with self.database.writing() as connection:
            now = self.database.now(connection)
            yield connection, now
            audit.append(connection, now, self.actor, action, subject, detail)

    @contextmanager
    def look(self) -> Iterator[tuple[Connection, int]]:
        with self.database.reading() as connection:
            yield connection, self.database.now(connection)


def desk_from(config: PortalConfig) -> Desk:
    """Raises Fault: CONFIG_FILE_UNREADABLE, DATABASE_UNREACHABLE."""
    database = Database(config.database)
    database.check()
    keys = read_keys(config.key_encryption_key, config.grant_key)
    return Desk(config, database, keys, Passwords(config.passwords), _actor())


def secret_from(source: str, field: str) -> Secret:
    """The first line of a file, or of standard input for "-": secrets never come by the command line.

    Raises Fault CONFIG_FILE_UNREADABLE, INPUT_INVALID when there is nothing.
    """
    line = text_from(source, field).reveal().partition("\n")[0].rstrip("\r")
    if not line:
        raise Fault(Code.INPUT_INVALID, field=field, problem="is empty")
    return Secret(line)


def text_from(source: str, field: str) -> Secret:
    """All of it. Raises Fault CONFIG_FILE_UNREADABLE, INPUT_INVALID when there is nothing."""
    try:
        if source == STANDARD_INPUT:
            text = sys.stdin.read(_LONGEST_INPUT)
        else:
            with open(source, encoding="utf-8") as file:  # noqa: PTH123 - a device or pipe is welcome too
                text = file.read(_LONGEST_INPUT)
    except OSError as wrong:
        raise Fault(Code.CONFIG_FILE_UNREADABLE, file=source, reason=wrong.strerror or "") from None
    if not text:
        raise Fault(Code.INPUT_INVALID, field=field, problem="is empty")
    return Secret(text)


def bytes_from_hex(text: str, length: int, field: str) -> bytes:
    """Raises Fault INPUT_INVALID."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) != length:
        raise Fault(Code.INPUT_INVALID, field=field, problem=f"must be {2 * length} hexadecimal digits")
    return data


def _actor() -> str:
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    behind = os.environ.get("SUDO_USER", "")
    return f"admin {name} ({behind})" if behind else f"admin {name}"

"""`flexnet-admin`: accounts, keys, notices, gateways, sessions, audit log. Secrets come from standard input or files.

Prints one line a thing, fields parted by tabs. Exit code 1 and a code FN-nnn when something is wrong; nothing has
changed then.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from flexnetd.model.fault import Fault
from flexnetd.portal.admin import announcements, audit_log, gateways, open_sessions, profile, second_factors, users
from flexnetd.portal.admin.desk import desk_from
from flexnetd.portal.config_file import read_config

EXIT_FAULT = 1


def main() -> None:
    try:
        for line in run(sys.argv[1:]):
            print(line)
    except Fault as fault:
        print(f"flexnet-admin: {fault}", file=sys.stderr)
        sys.exit(EXIT_FAULT)


def run(arguments: list[str]) -> Iterator[str]:
    """The lines that the command tells. Raises Fault."""
    parsed = parser().parse_args(arguments)
    desk = desk_from(read_config(parsed.config))
    try:
        yield from parsed.run(desk, parsed)
    finally:
        desk.database.close()


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="flexnet-admin", description="Administers a FlexNet portal.")
    made.add_argument("--config", type=Path, required=True, metavar="FILE", help="the portal's configuration")
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for part in (users, second_factors, announcements, gateways, open_sessions, profile, audit_log):
        part.add_parser(commands)
    return made


if __name__ == "__main__":
    main()

"""`flexnet-admin session`: list, end."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.storage import sessions as stored


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("session", help="who is signed in")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("list", help="every session that has not ended").set_defaults(run=_list)
    end = verbs.add_parser("end", help="end a session now")
    end.add_argument("id")
    end.set_defaults(run=_end)


def _list(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, now):
        for one in stored.open_sessions(connection):
            left = f"{max(0, one.ends_at - now)} s left"
            yield f"{one.id}\t{one.username}\t{one.factor.value}\t{one.address}\t{one.state.value}\t{left}"


def _end(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.change("end-session", f"session {arguments.id}") as (connection, now):
        found = stored.session_by_id(connection, arguments.id)
        stored.end_session(connection, found.id, desk.config.sessions, now)
    yield f"session {found.id} of {found.username} has ended"

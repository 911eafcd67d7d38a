"""`flexnet-admin audit`: verify, list."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.storage.audit import last_entries, verify


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("audit", help="the audit log")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("verify", help="whether every entry follows from those before it").set_defaults(run=_verify)
    listing = verbs.add_parser("list", help="the newest entries: number, time, who, what, to whom, detail")
    listing.add_argument("--user", default="", metavar="NAME", help="what this member did, and what was done to him")
    listing.add_argument("--last", type=int, default=100, metavar="NUMBER", help="how many; default: 100")
    listing.set_defaults(run=_list)


def _verify(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, _now):
        found = verify(connection)
    if found.broken_at is not None:
        raise Fault(Code.INPUT_INVALID, field="audit log", problem=f"entry {found.broken_at} is missing or was changed")
    yield f"{found.rows} entries, the last with hash {found.last_hash}: keep it elsewhere"


def _list(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    about = f"user {arguments.user}" if arguments.user else ""
    with desk.look() as (connection, _now):
        for one in last_entries(connection, max(arguments.last, 0), about):
            at = datetime.datetime.fromtimestamp(one.at, datetime.UTC).isoformat(timespec="seconds")
            yield f"{one.number}\t{at}\t{one.actor}\t{one.action}\t{one.subject}\t{one.detail}"

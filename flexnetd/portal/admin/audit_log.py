"""`flexnet-admin audit`: verify."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.storage.audit import verify


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("audit", help="the audit log")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("verify", help="whether every entry follows from those before it").set_defaults(run=_verify)


def _verify(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, _now):
        found = verify(connection)
    if found.broken_at is not None:
        raise Fault(Code.INPUT_INVALID, field="audit log", problem=f"entry {found.broken_at} is missing or was changed")
    yield f"{found.rows} entries, the last with hash {found.last_hash}: keep it elsewhere"

"""`flexnet-admin key emergency-code`: for a member whose keys are lost, until the post brings another.

Issue one only after calling the member back on a number that is on file: who has it and the password is let in.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.login.printed_code import new_printed_code, printed_code_hash
from flexnetd.portal.storage import accounts, emergency_codes

_LONGEST_HOURS = 72
_MOST_USES = 10


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Among the verbs of `key`."""
    issue = verbs.add_parser("emergency-code", help="instead of a key that is lost; prints the code, for one sign-in")
    issue.add_argument("user")
    issue.add_argument("--hours", type=int, default=24, help=f"how long it counts; default: 24, most: {_LONGEST_HOURS}")
    issue.add_argument("--uses", type=int, default=1, help=f"how many sign-ins; default: 1, most: {_MOST_USES}")
    issue.set_defaults(run=_issue)


def _issue(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    hours, uses = arguments.hours, arguments.uses
    if Factor.EMERGENCY_CODE not in desk.config.factors:
        raise Fault(Code.INPUT_INVALID, field="factors", problem="must have emergency-code in the configuration")
    if not 1 <= hours <= _LONGEST_HOURS:
        raise Fault(Code.INPUT_INVALID, field="hours", problem=f"must lie between 1 and {_LONGEST_HOURS}")
    if not 1 <= uses <= _MOST_USES:
        raise Fault(Code.INPUT_INVALID, field="uses", problem=f"must lie between 1 and {_MOST_USES}")
    code, key_id = new_printed_code(), accounts.new_id()
    detail = f"key {key_id} for {hours} h and {uses} uses"
    with desk.change("emergency-code", f"user {arguments.user}", detail) as (connection, now):
        user = accounts.named_user(connection, arguments.user)
        ends_at = now + hours * 3600
        hashed = printed_code_hash(code)
        emergency_codes.issue(connection, desk.keys.at_rest, user.id, key_id, hashed, uses, ends_at, now)
    until = datetime.datetime.fromtimestamp(ends_at).astimezone().isoformat(timespec="minutes")
    yield f"key {key_id}"
    yield f"emergency code {code.reveal()}"
    yield f"counts until {until}, {uses} times, together with the member's password"

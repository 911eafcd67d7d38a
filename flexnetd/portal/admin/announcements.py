"""`flexnet-admin notice`: add, list, withdraw."""

from __future__ import annotations

import argparse
import datetime
import json
import unicodedata
from collections.abc import Iterator

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import LONGEST_TEXT, MOST_LINES, NoticeKind
from flexnetd.portal.admin.desk import Desk
from flexnetd.portal.storage.notices import NewNotice, add_notice, current_notices, withdraw_notice

LONGEST_SERVICES = 500
"""Fewer letters than a front end shows in one line."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("notice", help="maintenance windows and messages")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = verbs.add_parser("add", help="announce something")
    add.add_argument("--kind", choices=[kind.value for kind in NoticeKind], default=NoticeKind.MAINTENANCE.value)
    add.add_argument("--from", dest="starts", required=True, metavar="TIME", help="2026-12-01T20:00+01:00")
    add.add_argument("--to", dest="ends", required=True, metavar="TIME")
    add.add_argument("--affected", action="append", default=[], metavar="SERVICE", help="repeatable")
    add.add_argument("--still-working", action="append", default=[], metavar="SERVICE", help="repeatable")
    add.add_argument("--text", action="append", default=[], metavar="LANGUAGE=TEXT", help="de=..., en=...; repeatable")
    add.set_defaults(run=_add)
    verbs.add_parser("list", help="what is announced now").set_defaults(run=_list)
    withdraw = verbs.add_parser("withdraw", help="take an announcement back")
    withdraw.add_argument("id")
    withdraw.set_defaults(run=_withdraw)


def _add(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (_connection, now):
        new = _new_notice(arguments, now)
    with desk.change("add-notice", "notices", json.dumps(dict(new.text), ensure_ascii=False)) as (connection, _now):
        notice_id = add_notice(connection, new)
    yield f"notice {notice_id} from {_shown(new.starts_at)} to {_shown(new.ends_at)}"


def _new_notice(arguments: argparse.Namespace, now: int) -> NewNotice:
    """Raises Fault INPUT_INVALID."""
    new = NewNotice(
        NoticeKind(arguments.kind),
        _seconds(arguments.starts, "from"),
        _seconds(arguments.ends, "to"),
        tuple(arguments.affected),
        tuple(arguments.still_working),
        dict(_translation(text) for text in arguments.text),
    )
    if new.ends_at <= new.starts_at:
        raise Fault(Code.INPUT_INVALID, field="to", problem="must be later than from")
    if new.ends_at <= now:
        raise Fault(Code.INPUT_INVALID, field="to", problem="is over already")
    if not new.text:
        raise Fault(Code.INPUT_INVALID, field="text", problem="is missing")
    _refuse_unshowable(new)
    return new


def _refuse_unshowable(new: NewNotice) -> None:
    """Raises Fault INPUT_INVALID for what a front end would cut or change."""
    for field, services in (("affected", new.affected), ("still-working", new.still_working)):
        joined = ", ".join(services)
        if len(joined) > LONGEST_SERVICES or not _showable(joined):
            problem = f"must be words of at most {LONGEST_SERVICES} letters in all"
            raise Fault(Code.INPUT_INVALID, field=field, problem=problem)
    for text in new.text.values():
        lines = text.splitlines()
        if len(text) > LONGEST_TEXT or len(lines) > MOST_LINES or not all(map(_showable, lines)):
            problem = f"must be at most {LONGEST_TEXT} letters in {MOST_LINES} lines, without control characters"
            raise Fault(Code.INPUT_INVALID, field="text", problem=problem)


def _showable(text: str) -> bool:
    """Of letters and blanks, the unbreakable ones too, which Python does not call printable."""
    return all(character.isprintable() or unicodedata.category(character) == "Zs" for character in text)


def _list(desk: Desk, _arguments: argparse.Namespace) -> Iterator[str]:
    with desk.look() as (connection, now):
        for notice in current_notices(connection, now):
            when = f"{_shown(notice.starts_at)} to {_shown(notice.ends_at)}"
            yield f"{notice.id}\t{notice.kind.value}\t{when}\t{' / '.join(notice.text.values())}"


def _withdraw(desk: Desk, arguments: argparse.Namespace) -> Iterator[str]:
    with desk.change("withdraw-notice", f"notice {arguments.id}") as (connection, now):
        withdraw_notice(connection, arguments.id, now)
    yield f"notice {arguments.id} is withdrawn"


def _seconds(text: str, field: str) -> int:
    """A time without an offset is this machine's; one that its clocks show twice, or never, needs an offset."""
    try:
        told = datetime.datetime.fromisoformat(text)
        seconds = int(told.timestamp())
    except (ValueError, OverflowError):
        raise Fault(Code.INPUT_INVALID, field=field, problem="must be a time like 2026-12-01T20:00+01:00") from None
    if told.tzinfo is None and told.replace(fold=1).timestamp() != told.replace(fold=0).timestamp():
        problem = f"the clocks are changed in that hour: add an offset, like {text}{_offset(seconds)}"
        raise Fault(Code.INPUT_INVALID, field=field, problem=problem)
    return seconds


def _shown(seconds: int) -> str:
    """In this machine's time, with its offset."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).astimezone().isoformat(timespec="minutes")


def _offset(seconds: int) -> str:
    return _shown(seconds)[-6:]


def _translation(text: str) -> tuple[str, str]:
    language, equals, words = text.partition("=")
    if not equals or not language.isalpha() or not words:
        raise Fault(Code.INPUT_INVALID, field="text", problem="must be LANGUAGE=TEXT")
    return language, words

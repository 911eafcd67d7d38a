"""What the operator announces. A notice is told until its end, or until it is withdrawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.notice import Notice, NoticeKind
from flexnetd.portal.storage.accounts import new_id
from flexnetd.portal.storage.schema import notices


@dataclass(frozen=True, slots=True)
class NewNotice:
    kind: NoticeKind
    starts_at: int
    ends_at: int
    affected: tuple[str, ...]
    still_working: tuple[str, ...]
    text: Mapping[str, str]


def add_notice(connection: Connection, new: NewNotice) -> str:
    """The notice's id."""
    notice_id = new_id()
    connection.execute(
        insert(notices).values(
            id=notice_id,
            kind=new.kind.value,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            affected=json.dumps(new.affected, ensure_ascii=False),
            still_working=json.dumps(new.still_working, ensure_ascii=False),
            text=json.dumps(dict(new.text), ensure_ascii=False),
        )
    )
    return notice_id


def current_notices(connection: Connection, now: int) -> tuple[Notice, ...]:
    """Those that have not ended, the next to begin first."""
    rows = connection.execute(
        select(notices)
        .where(notices.c.ends_at > now, notices.c.withdrawn_at.is_(None))
        .order_by(notices.c.starts_at, notices.c.id)
    )
    return tuple(_notice(row) for row in rows)


def withdraw_notice(connection: Connection, notice_id: str, now: int) -> None:
    """Raises Fault NOT_FOUND, also when it was withdrawn before."""
    changed = connection.execute(
        update(notices).where(notices.c.id == notice_id, notices.c.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    if changed.rowcount != 1:
        raise Fault(Code.NOT_FOUND, kind="notice", name=notice_id)


def _notice(row: Row[tuple[object, ...]]) -> Notice:
    return Notice(
        row.id,
        NoticeKind(row.kind),
        row.starts_at,
        row.ends_at,
        tuple(json.loads(row.affected)),
        tuple(json.loads(row.still_working)),
        json.loads(row.text),
    )

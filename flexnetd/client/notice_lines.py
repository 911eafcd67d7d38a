"""A notice of the operator as lines for a person. Pure.

An operator's text of ordinary length is told whole (`flexnet-admin notice add` takes none that is longer). What a
portal says beyond that is cut, so that it fills no window and no menu.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from flexnetd.client.language import Language, msg
from flexnetd.client.sentences.facts import printable
from flexnetd.client.times import time_text
from flexnetd.model.notice import LONGEST_TEXT, MOST_LINES, Notice, NoticeKind

_MAINTENANCE = msg("Maintenance from {start} to {end}")
_UNDER_WAY = msg("Maintenance is under way until {end}")
_AFFECTED = msg("Affected: {services}")
_STILL_WORKING = msg("Still working: {services}")


def notice_lines(notice: Notice, language: Language, now: float) -> Iterator[str]:
    """When, what, what is affected and what still works; nothing once it is over. The operator's own text is made
    harmless."""
    if now >= notice.ends_at:
        return
    if notice.kind is NoticeKind.MAINTENANCE:
        start, end = (time_text(language, at, now) for at in (notice.starts_at, notice.ends_at))
        yield language.text(_UNDER_WAY if notice.under_way(now) else _MAINTENANCE, start=start, end=end)
    for line in islice(filter(str.strip, language.of(notice.text).splitlines()), MOST_LINES):
        yield printable(line, LONGEST_TEXT)
    for label, services in ((_AFFECTED, notice.affected), (_STILL_WORKING, notice.still_working)):
        if services:
            yield language.text(label, services=printable(", ".join(services), LONGEST_TEXT))

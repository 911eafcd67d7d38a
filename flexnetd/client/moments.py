"""When what is shown changes by the clock alone: a session about to end, a maintenance that comes near. Pure.

A front end sets one timer for `next_moment` and looks again then; nothing is polled. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexnetd.client.live import Known
from flexnetd.client.views import Details
from flexnetd.model.notice import Notice, NoticeKind

SOON_S = 15 * 60
"""So long before its end a session is marked as about to end."""
LAST_CALL_S = 5 * 60
"""So long before its end the person is told."""
MAINTENANCE_NEAR_S = 30 * 60


def ends_soon(details: Details | None, now: float) -> bool:
    return details is not None and details.ends_at is not None and details.ends_at - SOON_S <= now


def last_call(details: Details | None, now: float) -> bool:
    return details is not None and details.ends_at is not None and details.ends_at - LAST_CALL_S <= now


def can_renew(details: Details | None) -> bool:
    """Also when it is not known how long: the service says so then."""
    if details is None or details.ends_at is None or details.renew_until is None:
        return True
    return details.renew_until > details.ends_at


def maintenance_near(notice: Notice, now: float) -> bool:
    near = notice.starts_at - MAINTENANCE_NEAR_S <= now < notice.starts_at
    return notice.kind is NoticeKind.MAINTENANCE and near


def next_moment(known: Known, now: float) -> float | None:
    """When to look again; None = never, by the clock."""
    return min((moment for moment in _moments(known) if moment > now), default=None)


def _moments(known: Known) -> Iterator[float]:
    for details in known.details.values():
        if details.ends_at is not None:
            yield from (details.ends_at - SOON_S, details.ends_at - LAST_CALL_S, details.ends_at)
    for notice in known.overview.notices if known.overview is not None else ():
        yield from (notice.starts_at - MAINTENANCE_NEAR_S, notice.starts_at, notice.ends_at)

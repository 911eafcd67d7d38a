"""What a daemon before this one left: a session to go on with, or something to clean.

A session is adopted only if everything fits: a record of this boot that says ONLINE, the profile still there, the
grant verified again as if it had just come, its end ahead, and in the kernel a link of ours with that index and that
public key. Anything else that was left is cleaned; if it holds a grant that has not ended, the portal is told that
nobody uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from flexnetd.daemon.grants import opened_grant
from flexnetd.daemon.loop import Loop
from flexnetd.daemon.tunnel_jobs import TunnelJobs
from flexnetd.daemon.tunnel_thread import TunnelThread
from flexnetd.model.grant import Grant
from flexnetd.model.network import Endpoint
from flexnetd.model.profile import Profile
from flexnetd.session.events import LeftoversFound, SessionAdopted
from flexnetd.session.record import Record, Step
from flexnetd.session.states import Candidate, Link


@dataclass(frozen=True, slots=True)
class Found:
    """What to tell the session machine, and the profile that it is about (None when that is not known)."""

    event: SessionAdopted | LeftoversFound
    profile: Profile | None


class Adoption:
    def __init__(self, loop: Loop, thread: TunnelThread, tunnel: TunnelJobs) -> None:
        self._loop, self._thread, self._tunnel = loop, thread, tunnel

    def look(self, record: Record | None, profiles: Mapping[str, Profile], done: Callable[[Found], None]) -> None:
        """`record` is what was left, None for something that cannot be used."""
        profile = profiles.get(record.profile) if record is not None else None
        if record is None or profile is None or not self._has_grant(record):
            done(Found(LeftoversFound(), profile))
            return
        link = Link(record.public_key, record.ifindex)

        def opened(outcome: Grant | Exception) -> None:
            grant = outcome if isinstance(outcome, Grant) else None
            leftovers = Found(LeftoversFound(grant), profile)
            if grant is None or not self._worth_it(record) or record.gateway >= len(grant.gateways):
                done(leftovers)
                return
            adopted = Found(self._adopted(record, grant, link), profile)
            self._tunnel.adoptable(link, lambda yes: done(adopted if yes else leftovers))

        self._thread.run(
            lambda: opened_grant(record.statement, profile, record.login_digest, record.public_key), opened
        )

    def _has_grant(self, record: Record) -> bool:
        return bool(record.statement) and record.ends_at_ms / 1000 > self._loop.now_s()

    def _worth_it(self, record: Record) -> bool:
        """`gateway` and the durations are ours, but the file may have been damaged."""
        return (
            record.step is Step.ONLINE
            and record.owner_uid >= 0
            and record.gateway >= 0
            and 0 < record.endpoint_port < 65536
            and _is_address(record.endpoint_address)
        )

    def _adopted(self, record: Record, grant: Grant, link: Link) -> SessionAdopted:
        now_s = self._loop.now_s()
        return SessionAdopted(
            at=now_s,
            owner_uid=record.owner_uid,
            username=record.username,
            factor=record.factor,
            link=link,
            grant=grant,
            statement=record.statement,
            login_digest=record.login_digest,
            ends_at=min(record.ends_at_ms / 1000, now_s + grant.ends_in_s),
            renew_until=min(record.renew_until_ms / 1000, now_s + grant.renew_in_s),
            candidate=Candidate(record.gateway, Endpoint(ip_address(record.endpoint_address), record.endpoint_port)),
        )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

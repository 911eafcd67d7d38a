"""What a daemon finds when it starts: a session to go on with, or leftovers to clean."""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session import leaving, online
from flexnetd.session.states import Phase, Session
from flexnetd.session.step import Step, warnings


def adopt(session: Session, event: on.SessionAdopted) -> Step:
    """Online at once: no packet waits. The tunnel is applied again, which writes nothing when nothing is amiss."""
    session = replace(
        session,
        phase=Phase.ONLINE,
        owner_uid=event.owner_uid,
        username=event.username,
        factor=event.factor,
        link=event.link,
        grant=event.grant,
        statement=event.statement,
        login_digest=event.login_digest,
        ends_at=event.ends_at,
        renew_until=event.renew_until,
        candidates=(event.candidate,),
        peer=event.candidate.gateway,
        first=False,
        tunnel_gone=False,
        portal_told=False,
    )
    if event.at >= event.ends_at:
        return leaving.leave(session, Fault(Code.SESSION_ENDED), tell_portal=False)
    after, effects = online.apply_again(session, event)
    return after, (do.ArmTimerAt(do.Timer.END, event.ends_at), *warnings(session, event.at), *effects)


def clean(session: Session, event: on.LeftoversFound) -> Step:
    """What the portal still has of it ends there, too."""
    return leaving.leave(replace(session, grant=event.grant), None)

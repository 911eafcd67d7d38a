"""What every handler returns, and the small things that several of them do."""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.factor import Factor
from flexnetd.model.session_words import Stage
from flexnetd.session import effects as do
from flexnetd.session.record import RECORD_VERSION, Record
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Session
from flexnetd.wire.worker import Progress

Step = tuple[Session, tuple[do.Effect, ...]]

INPUT_S = 300.0

STAGE_OF = {
    Progress.CONTACTING: Stage.CONTACTING,
    Progress.TOUCH: Stage.TOUCH,
    Progress.VERIFYING: Stage.VERIFYING,
}

WARNINGS_BEFORE_END_S = (3600.0, 900.0, 300.0)


def ignored(session: Session) -> Step:
    return session, ()


def next_ticket(session: Session) -> Session:
    return replace(session, ticket=session.ticket + 1)


def record(session: Session, step: RecordStep) -> do.WriteRecord:
    """The session as the next daemon is to find it. Once online, it is good without that."""
    candidate = session.candidate
    return do.WriteRecord(
        Record(
            version=RECORD_VERSION,
            step=step,
            owner_uid=session.owner_uid if session.owner_uid is not None else -1,
            username=session.username,
            factor=session.factor or Factor.YUBIKEY_HMAC,
            ifindex=session.link.ifindex if session.link else 0,
            public_key=session.link.public_key if session.link else b"",
            statement=session.statement,
            login_digest=session.login_digest,
            gateway=candidate.gateway if candidate else 0,
            endpoint_address=str(candidate.endpoint.address) if candidate else "",
            endpoint_port=candidate.endpoint.port if candidate else 0,
            ends_at_ms=int(session.ends_at * 1000),
            renew_until_ms=int(session.renew_until * 1000),
        ),
        needed=step is RecordStep.STARTED,
    )


def warnings(session: Session, at: float) -> tuple[do.Effect, ...]:
    """The next warning before the end that still lies ahead, if any."""
    ahead = [session.ends_at - before for before in WARNINGS_BEFORE_END_S if session.ends_at - before > at]
    return (do.ArmTimerAt(do.Timer.WARNING, min(ahead)),) if ahead else (do.CancelTimer(do.Timer.WARNING),)

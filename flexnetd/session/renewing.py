"""A renewal: a fresh proof for the same WireGuard key, beside a running session. It moves the end and nothing else.

Whatever goes wrong with it, the session stays as it was.
"""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import PromptKind, Stage
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Login, Session
from flexnetd.session.step import INPUT_S, STAGE_OF, Step, ignored, record, warnings
from flexnetd.wire.digest import Purpose


def begin(session: Session, event: on.RenewAsked) -> Step:
    fault = _refusal(session, event)
    if fault is not None:
        return session, (do.Refuse(event.login, fault),)
    asked = (PromptKind.OTP,) if event.factor.typed else ()
    login = Login(event.login, event.uid, Purpose.RENEW, event.factor, session.username, event.serial, asked=asked)
    session = replace(session, login=login)
    if asked:
        return session, (do.Ask(login.id, asked), do.ArmTimer(do.Timer.INPUT, INPUT_S))
    return _start(session, login)


def _refusal(session: Session, event: on.RenewAsked) -> Fault | None:
    if session.first:
        return Fault(Code.NOT_SIGNED_IN)
    if session.owner_uid != event.uid:
        return Fault(Code.IN_USE)
    if session.login is not None:
        return Fault(Code.TOO_MANY_LOGINS)
    return None


def refuse(session: Session, event: on.RenewAsked) -> Step:
    return session, (do.Refuse(event.login, Fault(Code.NOT_SIGNED_IN)),)


def take_answers(session: Session, event: on.AnswersGiven) -> Step:
    login = session.login
    assert login is not None
    answers = {kind: event.answers[kind] for kind in login.asked if event.answers.get(kind)}
    if not answers or len(answers) < len(login.asked):
        return ignored(session)
    after, effects = _start(session, replace(login, asked=(), answers=answers))
    return after, (do.CancelTimer(do.Timer.INPUT), *effects)


def _start(session: Session, login: Login) -> Step:
    grant, link = session.grant, session.link
    assert grant is not None
    assert link is not None
    session = replace(session, login=replace(login, stage=Stage.CONTACTING, answers={}))
    start = do.StartRenewal(
        login.id,
        grant.token,
        session.username,
        login.factor,
        link.public_key,
        login.answers.get(PromptKind.OTP),
        login.serial,
        login.answers.get(PromptKind.PIN),
    )
    return session, (start,)


def progress(session: Session, event: on.WorkerProgressed) -> Step:
    assert session.login is not None
    return replace(session, login=replace(session.login, stage=STAGE_OF[event.progress])), ()


def failed(session: Session, event: on.LoginFailed) -> Step:
    """A key that wants its PIN is no failure: it is asked for."""
    assert session.login is not None
    if event.fault.code is Code.KEY_PIN_NEEDED:
        login = replace(session.login, asked=(PromptKind.PIN,), stage=Stage.INPUT)
        asking = (do.Ask(login.id, login.asked), do.ArmTimer(do.Timer.INPUT, INPUT_S))
        return replace(session, login=login), asking
    return replace(session, login=None), (do.FinishLogin(session.login.id, event.fault),)


def abandoned(session: Session, event: on.LoginAbandoned) -> Step:
    return replace(session, login=None), (
        do.CancelWorker(event.login),
        do.CancelTimer(do.Timer.INPUT),
        do.FinishLogin(event.login, event.fault),
    )


def take_grant(session: Session, event: on.GrantReceived) -> Step:
    """Only token and durations are taken over: a renewal that brought another address or gateway cannot move
    anything."""
    login, old = session.login, session.grant
    assert login is not None
    assert old is not None
    if login.purpose is not Purpose.RENEW:
        return ignored(session)
    new = event.grant
    grant = replace(
        old, token=new.token, server_time=new.server_time, ends_in_s=new.ends_in_s, renew_in_s=new.renew_in_s
    )
    session = replace(
        session,
        login=None,
        grant=grant,
        statement=event.statement,
        login_digest=event.login_digest,
        ends_at=event.at + new.ends_in_s,
        renew_until=event.at + new.renew_in_s,
    )
    return session, (
        record(session, RecordStep.ONLINE),
        do.ArmTimerAt(do.Timer.END, session.ends_at),
        *warnings(session, event.at),
        do.FinishLogin(login.id, None),
        do.TellDetails(),
    )

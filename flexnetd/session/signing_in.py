"""From the wish to sign in to the grant: ASKING, PREPARING, PROVING.

All input but the touch is gathered before the portal is asked, so that its two minutes never run while somebody types.
What portal or key find missing only then (a new password, the activation code, the security key's PIN) is asked for in
the same login, and a typed code again with it, since each code is valid once.
"""

from __future__ import annotations

from dataclasses import replace

from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.session_words import PromptKind, Stage
from flexnetd.session import connecting, leaving
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Login, Phase, Session
from flexnetd.session.step import INPUT_S, STAGE_OF, Step, ignored, next_ticket, record
from flexnetd.wire.digest import Purpose

ASKED_AGAIN = {
    Code.PASSWORD_EXPIRED: (PromptKind.NEW_PASSWORD,),
    Code.PASSWORD_TOO_WEAK: (PromptKind.NEW_PASSWORD,),
    Code.ACTIVATION_NEEDED: (PromptKind.ACTIVATION, PromptKind.NEW_PASSWORD),
    Code.KEY_PIN_NEEDED: (PromptKind.PIN,),
}
"""What a login asks for when portal or key answer so, instead of ending. A wrong PIN ends it, so that nobody uses up
the key's tries without having read how many are left."""


def begin(before: Session, event: on.SignInAsked) -> Step:
    prompts = [PromptKind.PASSWORD]
    if not event.username:
        prompts.insert(0, PromptKind.USERNAME)
    if event.factor.typed:
        prompts.append(PromptKind.OTP)
    login = Login(
        event.login, event.uid, Purpose.LOGIN, event.factor, event.username, event.serial, asked=tuple(prompts)
    )
    session = Session(phase=Phase.ASKING, login=login, ticket=before.ticket)
    return session, (do.Ask(login.id, login.asked), do.ArmTimer(do.Timer.INPUT, INPUT_S))


def refuse_second(session: Session, event: on.SignInAsked) -> Step:
    """One session a machine: the same person is told so, another that it is in use."""
    holder = session.login.uid if session.login else session.owner_uid
    if holder != event.uid or session.phase is Phase.LEAVING:
        fault = Fault(Code.IN_USE)
    elif session.login:
        fault = Fault(Code.TOO_MANY_LOGINS)
    else:
        fault = Fault(Code.ALREADY_SIGNED_IN)
    return session, (do.Refuse(event.login, fault),)


def take_answers(session: Session, event: on.AnswersGiven) -> Step:
    login = session.login
    assert login is not None
    answers = {**login.answers, **{kind: text for kind, text in event.answers.items() if kind in login.asked and text}}
    missing = tuple(kind for kind in login.asked if kind not in answers)
    username = answers[PromptKind.USERNAME].reveal() if PromptKind.USERNAME in answers else login.username
    session = replace(session, login=replace(login, answers=answers, asked=missing, username=username))
    if missing:
        return session, (do.Ask(login.id, missing),)
    session = replace(session, username=username, owner_uid=login.uid, factor=login.factor)
    if session.link is not None:
        after, effects = _start_login(session)
        return after, (do.CancelTimer(do.Timer.INPUT), *effects)
    session = next_ticket(_at_stage(replace(session, phase=Phase.PREPARING, tunnel_gone=False), Stage.CONTACTING))
    return session, (
        do.CancelTimer(do.Timer.INPUT),
        record(session, RecordStep.STARTED),
        do.PrepareLink(session.ticket),
    )


def prove(session: Session, event: on.LinkPrepared) -> Step:
    return _start_login(replace(session, link=event.link))


def _start_login(session: Session) -> Step:
    login, link = session.login, session.link
    assert login is not None
    assert link is not None
    session = _at_stage(replace(session, phase=Phase.PROVING), Stage.CONTACTING)
    return session, (
        do.StartLogin(
            login.id,
            login.username,
            login.answers[PromptKind.PASSWORD],
            login.factor,
            link.public_key,
            login.answers.get(PromptKind.OTP),
            login.answers.get(PromptKind.NEW_PASSWORD),
            login.answers.get(PromptKind.ACTIVATION),
            login.serial,
            login.answers.get(PromptKind.PIN),
        ),
    )


def progress(session: Session, event: on.WorkerProgressed) -> Step:
    return _at_stage(session, STAGE_OF[event.progress]), ()


def login_failed(session: Session, event: on.LoginFailed) -> Step:
    login = session.login
    assert login is not None
    again = ASKED_AGAIN.get(event.fault.code)
    if again is None or (event.fault.code is not Code.PASSWORD_TOO_WEAK and again[0] in login.answers):
        return leaving.fail(session, event)
    asked = (*again, PromptKind.OTP) if login.factor.typed else again
    answers = {kind: text for kind, text in login.answers.items() if kind not in asked}
    login = replace(login, asked=asked, answers=answers, stage=Stage.INPUT)
    session = replace(session, phase=Phase.ASKING, login=login, last_fault=event.fault)
    return session, (do.Ask(login.id, asked), do.ArmTimer(do.Timer.INPUT, INPUT_S))


def take_grant(session: Session, event: on.GrantReceived) -> Step:
    """The answers are forgotten here: nothing needs them any more."""
    login = session.login
    assert login is not None
    session = replace(
        session,
        login=replace(login, answers={}, stage=Stage.CONNECTING),
        grant=event.grant,
        statement=event.statement,
        login_digest=event.login_digest,
        ends_at=event.at + event.grant.ends_in_s,
        renew_until=event.at + event.grant.renew_in_s,
        portal_told=False,
        last_fault=None,
    )
    after, effects = connecting.resolve(session)
    return after, (record(after, RecordStep.STARTED), do.ArmTimerAt(do.Timer.END, session.ends_at), *effects)


def timer(session: Session, event: on.TimerRang) -> Step:
    if event.timer is not do.Timer.INPUT:
        return ignored(session)
    return leaving.leave(session, Fault(Code.ANSWER_TIMED_OUT))


def _at_stage(session: Session, stage: Stage) -> Session:
    assert session.login is not None
    return replace(session, login=replace(session.login, stage=stage))

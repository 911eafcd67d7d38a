"""The table is total, its picture is the documented one, and no order of events breaks a promise."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.diagram import diagram
from flexnetd.session.machine import ROWS, TABLE, step
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Link, Phase
from flexnetd.wire.worker import Progress
from tests.unit.session.story import ALICE, BOB, CANDIDATES, PUBLIC_KEY, Story, grant, story_at
from tests.unit.session.test_online import adopted

KINDS = typing.get_args(on.Event)
FAULT = Fault(Code.CREDENTIALS_REFUSED)


def some_event(kind: type[on.Event], ticket: int, login: int) -> on.Event:
    """One event of each kind, fitting the request under way."""
    made: dict[type[on.Event], on.Event] = {
        on.SignInAsked: on.SignInAsked(9, ALICE, Factor.YUBIKEY_HMAC, "alice"),
        on.RenewAsked: on.RenewAsked(9, ALICE, Factor.YUBIKEY_HMAC, at=200.0),
        on.AnswersGiven: on.AnswersGiven(login, {PromptKind.PASSWORD: Secret("p"), PromptKind.OTP: Secret("c")}),
        on.LoginAbandoned: on.LoginAbandoned(login, Fault(Code.CANCELLED)),
        on.DisconnectAsked: on.DisconnectAsked(),
        on.LinkPrepared: on.LinkPrepared(ticket, Link(PUBLIC_KEY, 7)),
        on.TunnelApplied: on.TunnelApplied(ticket),
        on.TunnelFailed: on.TunnelFailed(ticket, Fault(Code.GUARD_REFUSED, detail="x")),
        on.TunnelGone: on.TunnelGone(ticket),
        on.HandshakeRead: on.HandshakeRead(ticket, 5000.0, 1.0),
        on.WorkerProgressed: on.WorkerProgressed(login, Progress.TOUCH),
        on.LoginFailed: on.LoginFailed(login, FAULT),
        on.GrantReceived: on.GrantReceived(login, 100.0, grant(), "s", bytes(32)),
        on.EndpointsResolved: on.EndpointsResolved(ticket, CANDIDATES),
        on.CheckAnswered: on.CheckAnswered(ticket, answered=True),
        on.UdpLooked: on.UdpLooked(passes=False),
        on.PortalTold: on.PortalTold(),
        on.NetworkLost: on.NetworkLost(),
        on.NetworkChanged: on.NetworkChanged(),
        on.TunnelDisturbed: on.TunnelDisturbed(),
        on.WokeUp: on.WokeUp(),
        on.ClockStepped: on.ClockStepped(-3600.0),
        on.OwnerLeft: on.OwnerLeft(ALICE),
        on.SessionEndedByPortal: on.SessionEndedByPortal(Fault(Code.SESSION_ENDED)),
        on.TimerRang: on.TimerRang(do.Timer.END, 300.0),
        on.RecordFailed: on.RecordFailed(Fault(Code.RECORD_NOT_WRITTEN, reason="ENOSPC")),
        on.SessionAdopted: adopted(at=1.0, ends_at=9000.0),
        on.LeftoversFound: on.LeftoversFound(),
        on.StopAsked: on.StopAsked(keep=False),
    }
    return made[kind]


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("kind", KINDS)
def test_every_phase_takes_every_event(phase: Phase, kind: type[on.Event]) -> None:
    story = story_at(phase)
    event = some_event(kind, story.ticket, story.session.login.id if story.session.login else 1)
    after, effects = step(story.session, event)
    row = TABLE.get((phase, kind))
    if row is None:
        late_grant = kind is on.GrantReceived and story.session.login is None
        assert after == story.session
        assert effects == () or late_grant
    else:
        assert after.phase is phase or after.phase in row.to


def test_every_row_names_an_event_and_a_phase_that_exist() -> None:
    assert {row.event for row in ROWS} <= set(KINDS)
    assert {phase for row in ROWS for phase in row.phases} == set(Phase)
    assert set(KINDS) == {row.event for row in ROWS}


def test_an_answer_with_an_old_ticket_changes_nothing() -> None:
    story = story_at(Phase.ATTEMPTING)
    before = story.session
    for stale in (
        on.TunnelFailed(story.ticket - 1, FAULT),
        on.HandshakeRead(story.ticket - 1, 9999.0, 0.0),
        on.LoginFailed(77, FAULT),
    ):
        assert story.tell(stale).session == before
        assert story.done == ()


def test_the_picture_in_the_docs_is_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "SESSION.md"
    assert diagram() in page.read_text()


@st.composite
def events(draw: st.DrawFn) -> list[tuple[type[on.Event], int, int, do.Timer, bool]]:
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(KINDS),
                st.sampled_from([0, 0, 0, 1]),
                st.sampled_from([0, 0, 0, 1]),
                st.sampled_from(do.Timer),
                st.booleans(),
            ),
            max_size=40,
        )
    )


def as_event(story: Story, drawn: tuple[type[on.Event], int, int, do.Timer, bool]) -> on.Event:
    kind, stale_ticket, stale_login, timer, flag = drawn
    login = story.session.login.id if story.session.login else 1
    event = some_event(kind, story.ticket - stale_ticket, login + 100 * stale_login)
    match event:
        case on.TimerRang():
            return on.TimerRang(timer, 300.0)
        case on.StopAsked():
            return on.StopAsked(keep=flag)
        case on.CheckAnswered():
            return on.CheckAnswered(event.ticket, answered=flag)
        case on.OwnerLeft():
            return on.OwnerLeft(ALICE if flag else BOB)
        case _:
            return event


@settings(max_examples=300, deadline=None)
@given(phase=st.sampled_from(Phase), drawn=events())
def test_no_order_of_events_breaks_a_promise(phase: Phase, drawn: list[typing.Any]) -> None:
    story = story_at(phase)
    for one in drawn:
        before = story.session
        story.tell(as_event(story, one))
        now = story.session
        if now.phase is Phase.SIGNED_OUT:
            assert (now.login, now.grant, now.link, now.owner_uid) == (None, None, None, None)
            if before.phase not in {Phase.SIGNED_OUT, Phase.ASKING}:
                assert before.phase is Phase.LEAVING, "signed out only by way of a clean machine"
        if before.phase is Phase.LEAVING and now.phase is not Phase.LEAVING:
            assert now.tunnel_gone
        if before.login is not None and (now.login is None or now.login.id != before.login.id):
            finished = [effect for effect in story.done if isinstance(effect, do.FinishLogin)]
            assert [effect.login for effect in finished] == [before.login.id], "every login is finished once"
        for effect in story.done:
            if isinstance(effect, do.WriteRecord) and effect.record.step is RecordStep.ONLINE:
                assert now.phase is not Phase.SIGNED_OUT
                assert not now.first, "only what was online can be adopted"
            if isinstance(effect, do.Exit):
                assert now.stopping

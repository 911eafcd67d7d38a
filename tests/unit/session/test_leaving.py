"""Every way out is the same way out."""

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import State
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import BEFORE_GRANT, Phase
from flexnetd.session.view import holder_uid, public_state, reason
from tests.unit.session.story import ALICE, BOB, Story, grant, story_at

SIGNED_IN_OR_ON_THE_WAY = [phase for phase in Phase if phase not in {Phase.SIGNED_OUT, Phase.LEAVING}]
WITH_A_GRANT = [phase for phase in SIGNED_IN_OR_ON_THE_WAY if phase not in BEFORE_GRANT]


def test_the_record_is_retired_before_the_tunnel_goes() -> None:
    story = story_at(Phase.LEAVING)
    kinds = [type(effect) for effect in story.done]
    assert kinds.index(do.RetireRecord) < kinds.index(do.TakeDown)
    assert story.wanted(do.TellPortal).token == Secret("t" * 43)
    assert reason(story.session) is None


def test_signed_out_needs_a_clean_machine_and_the_portal_told() -> None:
    story = story_at(Phase.LEAVING)
    story.tell(on.PortalTold())
    assert story.session.phase is not Phase.SIGNED_OUT
    story.tell(on.TunnelGone(story.ticket))
    assert public_state(story.session) is State.SIGNED_OUT


def test_a_portal_that_does_not_answer_is_not_waited_for_for_long() -> None:
    story = story_at(Phase.LEAVING)
    story.tell(on.TunnelGone(story.ticket))
    assert story.session.phase is Phase.LEAVING
    assert story.tell(on.TimerRang(do.Timer.LOOK, 0.0)).session.phase is Phase.LEAVING
    assert story.tell(on.TimerRang(do.Timer.GOODBYE, 0.0)).session.phase is Phase.SIGNED_OUT


@pytest.mark.parametrize("phase", SIGNED_IN_OR_ON_THE_WAY)
def test_signing_out_works_from_everywhere_and_leaves_nothing(phase: Phase) -> None:
    story = story_at(phase).tell(on.DisconnectAsked())
    if story.session.phase is Phase.LEAVING:
        assert story.wants(do.TakeDown)
        story.tell(on.PortalTold()).tell(on.TunnelGone(story.ticket))
    assert story.session.phase is Phase.SIGNED_OUT
    assert (story.session.login, story.session.grant, story.session.link) == (None, None, None)
    assert holder_uid(story.session) is None


def test_a_machine_that_refuses_to_be_cleaned_keeps_nobody_waiting() -> None:
    story = story_at(Phase.PROVING).tell(on.LoginFailed(1, Fault(Code.CREDENTIALS_REFUSED)))
    story.tell(on.TimerRang(do.Timer.GOODBYE, 0.0))
    assert story.done == (do.FinishLogin(1, Fault(Code.CREDENTIALS_REFUSED)),)
    assert public_state(story.session) is State.SIGNING_OUT
    story.tell(on.TunnelGone(story.ticket))
    assert public_state(story.session) is State.SIGNED_OUT
    assert not story.wants(do.FinishLogin)


def test_signing_out_while_signing_in_cancels_the_login() -> None:
    story = story_at(Phase.PROVING).tell(on.DisconnectAsked())
    assert story.wants(do.CancelWorker)
    story.tell(on.TunnelGone(story.ticket))
    assert story.wanted(do.FinishLogin) == do.FinishLogin(1, Fault(Code.CANCELLED))


@pytest.mark.parametrize("phase", SIGNED_IN_OR_ON_THE_WAY)
def test_the_owner_logging_out_ends_it_and_nobody_else_does(phase: Phase) -> None:
    before = story_at(phase).session
    assert story_at(phase).tell(on.OwnerLeft(BOB)).session == before
    assert story_at(phase).tell(on.OwnerLeft(ALICE)).session.phase in {Phase.LEAVING, Phase.SIGNED_OUT}


@pytest.mark.parametrize("phase", WITH_A_GRANT)
def test_a_session_that_the_portal_ended_is_not_reported_back(phase: Phase) -> None:
    story = story_at(phase).tell(on.SessionEndedByPortal(Fault(Code.SESSION_ENDED)))
    assert story.session.phase is Phase.LEAVING
    assert not story.wants(do.TellPortal)


@pytest.mark.parametrize("phase", [Phase.ASKING, Phase.PROVING, Phase.ATTEMPTING])
def test_an_abandoned_sign_in_is_taken_back(phase: Phase) -> None:
    story = story_at(phase).tell(on.LoginAbandoned(1, Fault(Code.CANCELLED)))
    assert story.session.phase in {Phase.LEAVING, Phase.SIGNED_OUT}


def test_a_renewal_under_way_is_told_that_it_was_cancelled() -> None:
    story = story_at(Phase.ONLINE).tell(on.RenewAsked(2, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    story.tell(on.DisconnectAsked()).tell(on.PortalTold()).tell(on.TunnelGone(story.ticket))
    assert story.wanted(do.FinishLogin) == do.FinishLogin(2, Fault(Code.CANCELLED))


def test_a_grant_that_comes_too_late_is_handed_back() -> None:
    story = story_at(Phase.PROVING).tell(on.DisconnectAsked())
    story.tell(on.GrantReceived(1, 0.0, grant(), "s", bytes(32)))
    assert story.session.phase is Phase.LEAVING or story.wants(do.TellPortal)
    story.tell(on.TunnelGone(story.ticket))
    story.tell(on.GrantReceived(1, 0.0, grant(token="late" * 11), "s", bytes(32)))
    assert story.done == (do.TellPortal(Secret("late" * 11)),)


# --- stopping


def test_a_stop_takes_down_and_then_exits() -> None:
    story = story_at(Phase.ONLINE).tell(on.StopAsked(keep=False))
    assert story.wants(do.TakeDown)
    assert not story.wants(do.Exit)
    story.tell(on.PortalTold()).tell(on.TunnelGone(story.ticket))
    assert story.wants(do.Exit)


@pytest.mark.parametrize("phase", [Phase.ONLINE, Phase.WAITING, Phase.CONFLICT])
def test_a_restart_keeps_what_was_online(phase: Phase) -> None:
    story = story_at(phase).tell(on.StopAsked(keep=True))
    assert story.done == (do.Exit(),)
    assert holder_uid(story.session) == ALICE


def test_a_restart_ends_a_renewal_under_way() -> None:
    story = story_at(Phase.ONLINE).tell(on.RenewAsked(2, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    story.tell(on.StopAsked(keep=True))
    assert [type(effect) for effect in story.done] == [do.CancelWorker, do.FinishLogin, do.Exit]


@pytest.mark.parametrize("phase", [Phase.PROVING, Phase.CHECKING])
def test_a_restart_does_not_keep_a_sign_in(phase: Phase) -> None:
    story = story_at(phase).tell(on.StopAsked(keep=True))
    assert story.session.phase is Phase.LEAVING


def test_stopping_when_signed_out_or_leaving() -> None:
    assert Story().tell(on.StopAsked(keep=False)).done == (do.Exit(),)
    story = story_at(Phase.LEAVING).tell(on.StopAsked(keep=True))
    assert story.done == ()
    story.tell(on.PortalTold()).tell(on.TunnelGone(story.ticket))
    assert story.wants(do.Exit)


def test_stopping_while_asking_exits_at_once() -> None:
    story = story_at(Phase.ASKING).tell(on.StopAsked(keep=False))
    assert story.wants(do.Exit)
    assert story.wanted(do.FinishLogin).fault == Fault(Code.CANCELLED)

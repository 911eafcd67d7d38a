"""From the wish to sign in to online."""

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage, State
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.record import Step as RecordStep
from flexnetd.session.states import Link, Phase
from flexnetd.session.view import holder_uid, public_state, reason
from flexnetd.wire.worker import Progress
from tests.unit.session.story import ALICE, BOB, CANDIDATES, PUBLIC_KEY, Story, grant, story_at


def test_a_sign_in_asks_for_what_is_missing() -> None:
    story = Story().asking(username="")
    assert story.wanted(do.Ask).prompts == (PromptKind.USERNAME, PromptKind.PASSWORD)
    assert public_state(story.session) is State.SIGNING_IN
    assert holder_uid(story.session) == ALICE


def test_a_typed_factor_asks_for_the_code() -> None:
    story = Story().asking(Factor.YUBICO_OTP)
    assert story.wanted(do.Ask).prompts == (PromptKind.PASSWORD, PromptKind.OTP)


def test_answers_may_come_one_by_one() -> None:
    story = Story().asking(username="")
    story.tell(on.AnswersGiven(1, {PromptKind.USERNAME: Secret("alice")}))
    assert story.wanted(do.Ask).prompts == (PromptKind.PASSWORD,)
    story.tell(on.AnswersGiven(1, {PromptKind.PASSWORD: Secret("right")}))
    assert story.session.phase is Phase.PREPARING
    assert story.session.username == "alice"


def test_what_was_not_asked_for_and_what_is_empty_does_not_count() -> None:
    story = Story().asking()
    story.tell(on.AnswersGiven(1, {PromptKind.PIN: Secret("1"), PromptKind.PASSWORD: Secret("")}))
    assert story.wanted(do.Ask).prompts == (PromptKind.PASSWORD,)


def test_the_record_is_written_before_the_link_is_made() -> None:
    story = story_at(Phase.PREPARING)
    kinds = [type(effect) for effect in story.done]
    assert kinds.index(do.WriteRecord) < kinds.index(do.PrepareLink)
    assert story.wanted(do.WriteRecord).record.step is RecordStep.STARTED


def test_the_worker_gets_the_key_that_the_kernel_derived() -> None:
    story = story_at(Phase.PROVING)
    start = story.wanted(do.StartLogin)
    assert (start.public_key, start.username, start.password) == (PUBLIC_KEY, "alice", Secret("right"))


@pytest.mark.parametrize(
    ("progress", "stage"),
    [
        (Progress.CONTACTING, Stage.CONTACTING),
        (Progress.TOUCH, Stage.TOUCH),
        (Progress.VERIFYING, Stage.VERIFYING),
    ],
)
def test_the_stage_follows_the_worker(progress: Progress, stage: Stage) -> None:
    story = story_at(Phase.PROVING).tell(on.WorkerProgressed(1, progress))
    assert story.session.login is not None
    assert story.session.login.stage is stage


def test_the_grant_ends_the_secrets_and_arms_the_end() -> None:
    story = story_at(Phase.RESOLVING)
    assert story.session.login is not None
    assert story.session.login.answers == {}
    assert story.wanted(do.ArmTimerAt) == do.ArmTimerAt(do.Timer.END, 100.0 + 28800)
    assert [gateway.host for gateway in story.wanted(do.ResolveEndpoints).gateways] == ["gw1.example", "gw2.example"]


def test_the_first_way_is_tried_without_names_then_with_them_and_then_checked() -> None:
    story = story_at(Phase.ATTEMPTING)
    apply = story.wanted(do.ApplyTunnel)
    assert (apply.candidate, apply.names, apply.owner_uid) == (CANDIDATES[0], False, ALICE)
    story.tell(on.TunnelApplied(story.ticket))
    assert story.wants(do.TriggerHandshake)
    story.tell(on.TimerRang(do.Timer.LOOK, 100.02)).wanted(do.ReadHandshake)
    story.tell(on.HandshakeRead(story.ticket, last=1000.5, age_s=0.0))
    assert story.wanted(do.ApplyTunnel).names
    story.tell(on.TunnelApplied(story.ticket)).wanted(do.CheckTunnel)
    story.tell(on.CheckAnswered(story.ticket, answered=True))
    assert public_state(story.session) is State.ONLINE
    assert story.wanted(do.FinishLogin) == do.FinishLogin(1, None)
    assert story.wanted(do.WriteRecord).record.step is RecordStep.ONLINE
    assert story.session.login is None


def test_a_grant_without_a_check_address_is_online_after_the_handshake() -> None:
    story = Story()
    story.naming(grant(check=None)).tell(on.TunnelApplied(story.ticket))
    assert story.session.phase is Phase.ONLINE


def test_the_device_is_read_at_doubling_distances() -> None:
    story = story_at(Phase.ATTEMPTING)
    story.tell(on.TunnelApplied(story.ticket))
    waits = [story.wanted(do.ArmTimer).seconds]
    for _ in range(5):
        story.tell(on.HandshakeRead(story.ticket, last=0.0, age_s=0.0))
        waits.append(story.wanted(do.ArmTimer).seconds)
    assert waits == [0.02, 0.04, 0.08, 0.16, 0.2, 0.2]


def test_silent_gateways_are_tried_in_turn_and_then_named() -> None:
    story = story_at(Phase.ATTEMPTING)
    tried = [story.session.current]
    for _ in range(4):
        story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
        tried.append(story.session.current)
    assert tried == [0, 1, 0, 1, 0]
    story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert story.session.phase is Phase.LEAVING
    assert reason(story.session) == Fault(Code.GATEWAY_SILENT, gateways="gw1.example, gw2.example", seconds=10)
    assert story.wants(do.TellPortal)


def test_no_answer_through_one_gateway_tries_the_next_and_then_says_so() -> None:
    story = story_at(Phase.CHECKING).tell(on.CheckAnswered(story_ticket(Phase.CHECKING), answered=False))
    assert (story.session.phase, story.session.current) == (Phase.ATTEMPTING, 1)
    story.tell(on.TunnelApplied(story.ticket))
    story.tell(on.HandshakeRead(story.ticket, last=1001.0, age_s=0.0))
    story.tell(on.TunnelApplied(story.ticket))
    story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert reason(story.session) == Fault(Code.TUNNEL_UNANSWERED, address="10.88.0.53:53")


def story_ticket(phase: Phase) -> int:
    return story_at(phase).ticket


def test_names_without_an_address_end_the_sign_in() -> None:
    story = story_at(Phase.RESOLVING)
    story.tell(on.EndpointsResolved(story.ticket, ()))
    assert reason(story.session) == Fault(Code.NAME_NOT_FOUND, host="gw1.example")
    other = story_at(Phase.RESOLVING)
    other.tell(on.EndpointsResolved(other.ticket, (), Fault(Code.NO_NETWORK)))
    assert reason(other.session) == Fault(Code.NO_NETWORK)


def test_an_expired_password_is_asked_anew_in_the_same_login() -> None:
    story = story_at(Phase.PROVING).tell(on.LoginFailed(1, Fault(Code.PASSWORD_EXPIRED)))
    assert story.session.phase is Phase.ASKING
    assert story.wanted(do.Ask).prompts == (PromptKind.NEW_PASSWORD,)
    story.tell(on.AnswersGiven(1, {PromptKind.NEW_PASSWORD: Secret("newer")}))
    start = story.wanted(do.StartLogin)
    assert (start.password, start.new_password, start.public_key) == (Secret("right"), Secret("newer"), PUBLIC_KEY)
    story.tell(on.LoginFailed(1, Fault(Code.PASSWORD_TOO_WEAK, minimum_length=12)))
    assert story.wanted(do.Ask).prompts == (PromptKind.NEW_PASSWORD,)


def test_a_typed_code_is_asked_anew_with_the_new_password() -> None:
    story = Story().asking(Factor.YUBICO_OTP)
    story.tell(on.AnswersGiven(1, {PromptKind.PASSWORD: Secret("right"), PromptKind.OTP: Secret("cccc")}))
    story.tell(on.LinkPrepared(story.ticket, Link(PUBLIC_KEY, 7)))
    story.tell(on.LoginFailed(1, Fault(Code.ACTIVATION_NEEDED)))
    assert story.wanted(do.Ask).prompts == (PromptKind.ACTIVATION, PromptKind.NEW_PASSWORD, PromptKind.OTP)


def test_an_expired_password_that_stays_expired_ends_the_login() -> None:
    story = story_at(Phase.PROVING).tell(on.LoginFailed(1, Fault(Code.PASSWORD_EXPIRED)))
    story.tell(on.AnswersGiven(1, {PromptKind.NEW_PASSWORD: Secret("newer")}))
    story.tell(on.LoginFailed(1, Fault(Code.PASSWORD_EXPIRED)))
    assert story.session.phase is Phase.LEAVING


def test_a_pin_that_the_key_wants_is_asked_for_in_the_same_login() -> None:
    story = Story().asking(Factor.FIDO2)
    story.tell(on.AnswersGiven(1, {PromptKind.PASSWORD: Secret("right")}))
    story.tell(on.LinkPrepared(story.ticket, Link(PUBLIC_KEY, 7)))
    assert story.wanted(do.StartLogin).pin is None
    story.tell(on.LoginFailed(1, Fault(Code.KEY_PIN_NEEDED)))
    assert story.wanted(do.Ask).prompts == (PromptKind.PIN,)
    story.tell(on.AnswersGiven(1, {PromptKind.PIN: Secret("1234")}))
    start = story.wanted(do.StartLogin)
    assert (start.pin, start.password, start.public_key) == (Secret("1234"), Secret("right"), PUBLIC_KEY)
    story.tell(on.LoginFailed(1, Fault(Code.KEY_PIN_NEEDED)))
    assert story.session.phase is Phase.LEAVING


def test_a_wrong_pin_ends_the_login_so_that_its_tries_are_read() -> None:
    story = story_at(Phase.PROVING).tell(on.LoginFailed(1, Fault(Code.KEY_PIN_WRONG, tries=7)))
    story.tell(on.TunnelGone(story.ticket))
    assert story.wanted(do.FinishLogin) == do.FinishLogin(1, Fault(Code.KEY_PIN_WRONG, tries=7))


def test_a_wrong_password_leaves_a_clean_machine_and_is_told_last() -> None:
    story = story_at(Phase.PROVING).tell(on.LoginFailed(1, Fault(Code.CREDENTIALS_REFUSED)))
    assert not story.wants(do.FinishLogin)
    assert not story.wants(do.TellPortal)
    story.tell(on.TunnelGone(story.ticket))
    assert story.session.phase is Phase.SIGNED_OUT
    assert story.wanted(do.FinishLogin) == do.FinishLogin(1, Fault(Code.CREDENTIALS_REFUSED))
    assert story.wants(do.EraseRecord)
    assert reason(story.session) == Fault(Code.CREDENTIALS_REFUSED)


def test_nobody_answering_the_prompts_ends_the_login() -> None:
    story = story_at(Phase.ASKING).tell(on.TimerRang(do.Timer.INPUT, 0.0))
    assert story.wanted(do.FinishLogin).fault == Fault(Code.ANSWER_TIMED_OUT)
    assert story.session.phase is Phase.SIGNED_OUT


@pytest.mark.parametrize(
    ("phase", "uid", "code"),
    [
        (Phase.ONLINE, BOB, Code.IN_USE),
        (Phase.ASKING, BOB, Code.IN_USE),
        (Phase.ASKING, ALICE, Code.TOO_MANY_LOGINS),
        (Phase.ONLINE, ALICE, Code.ALREADY_SIGNED_IN),
        (Phase.LEAVING, ALICE, Code.IN_USE),
    ],
)
def test_a_second_sign_in_is_refused_and_changes_nothing(phase: Phase, uid: int, code: Code) -> None:
    story = story_at(phase)
    before = story.session
    story.tell(on.SignInAsked(2, uid, Factor.YUBIKEY_HMAC))
    assert story.done == (do.Refuse(2, Fault(code)),)
    assert story.session == before


def test_a_full_disk_at_the_record_ends_the_sign_in() -> None:
    fault = Fault(Code.RECORD_NOT_WRITTEN, reason="ENOSPC")
    for phase in (Phase.PREPARING, Phase.RESOLVING):
        story = story_at(phase).tell(on.RecordFailed(fault))
        assert story.session.phase is Phase.LEAVING
        assert reason(story.session) == fault


def test_a_link_that_cannot_be_made_ends_the_sign_in() -> None:
    story = story_at(Phase.PREPARING)
    story.tell(on.TunnelFailed(story.ticket, Fault(Code.WIREGUARD_MISSING)))
    assert story.session.phase is Phase.LEAVING


def test_a_failing_tunnel_ends_the_sign_in_even_in_a_conflict() -> None:
    story = story_at(Phase.ATTEMPTING)
    story.tell(on.TunnelFailed(story.ticket, Fault(Code.CONFLICT, ours="a", theirs="b")))
    assert story.session.phase is Phase.LEAVING


def test_the_network_going_while_signing_in_is_left_to_the_attempts() -> None:
    story = story_at(Phase.ATTEMPTING).tell(on.NetworkLost())
    assert story.session.phase is Phase.ATTEMPTING


def test_timers_of_another_phase_change_nothing() -> None:
    story = story_at(Phase.ASKING)
    before = story.session
    story.tell(on.TimerRang(do.Timer.LOOK, 0.0))
    assert (story.session, story.done) == (before, ())
    connecting = story_at(Phase.RESOLVING)
    connecting.tell(on.TimerRang(do.Timer.RETRY, 0.0))
    assert connecting.done == ()

"""Staying online: looking, changes around us, renewal, waiting, adoption."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.network import Endpoint
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind, Stage, State
from flexnetd.session import effects as do
from flexnetd.session import events as on
from flexnetd.session.states import Candidate, Link, Phase
from flexnetd.session.view import public_state, reason
from flexnetd.wire.worker import Progress
from tests.unit.session.story import ALICE, BOB, CANDIDATES, PUBLIC_KEY, Story, grant, story_at


def test_the_device_is_read_when_its_time_has_come() -> None:
    story = story_at(Phase.ONLINE).tell(on.TimerRang(do.Timer.LOOK, 0.0))
    assert story.wanted(do.ReadHandshake).ticket == story.ticket
    story.tell(on.HandshakeRead(story.ticket, last=2000.0, age_s=10.0, sent_bytes=500, received_bytes=500))
    assert story.session.phase is Phase.ONLINE


def test_in_a_pause_it_is_read_at_doubling_distances_up_to_half_a_minute() -> None:
    story = story_at(Phase.ONLINE)
    distances = [story.wanted(do.ArmTimer).seconds]
    for _ in range(7):
        story.tell(on.HandshakeRead(story.ticket, last=2000.0, age_s=10.0))
        distances.append(story.wanted(do.ArmTimer).seconds)
    assert distances == [0.7, 1.4, 2.8, 5.6, 11.2, 22.4, 30.0, 30.0]


def test_it_is_to_cost_little_in_a_pause_alone() -> None:
    story = story_at(Phase.ONLINE).tell(on.TimerRang(do.Timer.LOOK, 0.0))
    assert not story.wanted(do.ReadHandshake).pause
    story.tell(on.HandshakeRead(story.ticket, last=2000.0, age_s=10.0)).tell(on.TimerRang(do.Timer.LOOK, 0.0))
    assert story.wanted(do.ReadHandshake).pause


def test_while_somebody_works_it_is_read_more_than_once_a_second() -> None:
    story = story_at(Phase.ONLINE)
    story.tell(on.HandshakeRead(story.ticket, 2000.0, 10.0, sent_bytes=5000, received_bytes=5000))
    assert story.done == (do.ArmTimer(do.Timer.LOOK, 0.7),)


@pytest.mark.parametrize(("age_s", "sent", "stays"), [(136.0, 1, False), (136.0, 0, True), (134.0, 1, True)])
def test_a_stale_handshake_counts_only_while_sending(age_s: float, sent: int, stays: bool) -> None:
    story = story_at(Phase.ONLINE)
    story.tell(on.HandshakeRead(story.ticket, 1000.5, age_s, sent_bytes=sent, received_bytes=1))
    assert (story.session.phase is Phase.ONLINE) is stays


# --- a gateway falls silent


def doubted(story: Story) -> Story:
    """Sent, and nothing came."""
    return story.tell(on.HandshakeRead(story.ticket, 1000.5, 10.0, sent_bytes=500, received_bytes=0))


def silent(story: Story) -> Story:
    return doubted(story).tell(on.CheckAnswered(story.ticket, answered=False))


def test_sending_without_receiving_asks_the_check_address_and_answered_changes_nothing() -> None:
    story = doubted(story_at(Phase.ONLINE))
    assert story.wanted(do.CheckTunnel).seconds < 2
    assert story.wanted(do.ArmTimer) == do.ArmTimer(do.Timer.LOOK, 30.0)
    story.tell(on.CheckAnswered(story.ticket, answered=True))
    assert (story.session.phase, story.session.doubted, story.done) == (Phase.ONLINE, False, ())


def test_keepalives_that_nobody_answers_raise_no_doubt() -> None:
    story = story_at(Phase.ONLINE).tell(on.HandshakeRead(2, 1000.5, 10.0, sent_bytes=64))
    assert not story.wants(do.CheckTunnel)


def test_without_a_check_address_nothing_is_asked() -> None:
    story = Story()
    story.naming(grant(check=None)).tell(on.TunnelApplied(story.ticket))
    assert not doubted(story).wants(do.CheckTunnel)


def test_a_silent_gateway_is_followed_by_the_next_at_once_in_one_change() -> None:
    story = silent(story_at(Phase.ONLINE))
    tunnel = story.wanted(do.ApplyTunnel)
    assert (tunnel.candidate, tunnel.anew, tunnel.names) == (CANDIDATES[1], False, False)
    assert not story.wants(do.ResolveEndpoints)
    assert public_state(story.session) is State.RECONNECTING


def test_when_the_next_is_silent_too_the_first_is_begun_anew() -> None:
    story = silent(story_at(Phase.ONLINE)).tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert (story.wanted(do.ApplyTunnel).candidate, story.wanted(do.ApplyTunnel).anew) == (CANDIDATES[0], False)
    story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert story.wanted(do.ApplyTunnel).candidate == CANDIDATES[1]


def test_the_family_that_worked_is_tried_first() -> None:
    six = Candidate(1, Endpoint(ip_address("2001:db8::11"), 51820))
    story = story_at(Phase.RESOLVING)
    story.tell(on.EndpointsResolved(story.ticket, (CANDIDATES[0], six, CANDIDATES[1]))).tell(
        on.TunnelApplied(story.ticket)
    )
    story.tell(on.HandshakeRead(story.ticket, last=1000.5, age_s=0.1)).tell(on.TunnelApplied(story.ticket))
    story.tell(on.CheckAnswered(story.ticket, answered=True))
    assert silent(story).wanted(do.ApplyTunnel).candidate == CANDIDATES[1]


def test_where_only_one_gateway_is_known_the_names_are_asked_and_the_others_come_first() -> None:
    story = Story().tell(adopted(at=50.0, ends_at=9000.0))
    silent(story.tell(on.TunnelApplied(story.ticket)))
    assert story.session.phase is Phase.RESOLVING
    story.tell(on.EndpointsResolved(story.ticket, CANDIDATES))
    assert story.wanted(do.ApplyTunnel).candidate == CANDIDATES[1]


def test_back_online_the_silent_one_is_forgiven() -> None:
    story = silent(story_at(Phase.ONLINE)).tell(on.TunnelApplied(2))
    story.tell(on.TunnelApplied(story.ticket)).tell(on.HandshakeRead(story.ticket, last=1.0, age_s=0.0))
    story.tell(on.TunnelApplied(story.ticket)).tell(on.CheckAnswered(story.ticket, answered=True))
    assert story.wanted(do.WriteRecord).record.gateway == 1
    assert (story.session.phase, story.session.silent, story.session.doubted) == (Phase.ONLINE, None, False)


def test_silence_where_udp_does_not_pass_is_told_as_that() -> None:
    story = story_at(Phase.ATTEMPTING).tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert story.wanted(do.LookForUdp).port == 51820
    story.tell(on.UdpLooked(passes=False))
    for _ in range(4):
        story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert reason(story.session) == Fault(Code.UDP_BLOCKED, gateways="gw1.example, gw2.example", port=51820)


# --- the wall clock


def all_silent(story: Story) -> Story:
    story.tell(on.WokeUp()).tell(on.EndpointsResolved(story.ticket, CANDIDATES))
    for _ in range(5):
        story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    return story


def test_silence_after_the_clock_was_set_back_is_told_as_that() -> None:
    story = story_at(Phase.ONLINE).tell(on.ClockStepped(-3600.0))
    assert (story.session.phase, story.done) == (Phase.ONLINE, (do.TellDetails(),))
    all_silent(story.tell(on.NetworkLost()))
    assert reason(story.session) == Fault(Code.CLOCK_WRONG, seconds=3600)


@pytest.mark.parametrize("steps", [(-59.0,), (3600.0,), (-3600.0, 3599.0)])
def test_a_clock_that_is_right_again_or_a_little_off_is_no_reason(steps: tuple[float, ...]) -> None:
    story = story_at(Phase.ONLINE)
    for by_s in steps:
        story.tell(on.ClockStepped(by_s))
    all_silent(story.tell(on.NetworkLost()))
    assert story.session.last_fault is not None
    assert story.session.last_fault.code is Code.GATEWAY_SILENT


def test_setting_the_clock_while_waiting_tries_again_at_once() -> None:
    story = story_at(Phase.WAITING).tell(on.ClockStepped(3600.0))
    assert story.session.phase is Phase.RESOLVING


# --- changes around us


def test_reconnecting_withdraws_the_names_before_the_gateways_are_resolved() -> None:
    story = story_at(Phase.WAITING).tell(on.WokeUp())
    assert not story.wanted(do.ApplyTunnel).names
    kinds = [type(effect) for effect in story.done]
    assert kinds.index(do.ApplyTunnel) < kinds.index(do.ResolveEndpoints)
    assert public_state(story.session) is State.RECONNECTING
    health = (Fault(Code.NAMES_UNAVAILABLE, reason="x"),)
    story.tell(on.TunnelApplied(story.ticket, health))
    assert story.session.health == health


def test_the_way_back_ends_online_without_a_login() -> None:
    story = story_at(Phase.WAITING).tell(on.WokeUp())
    story.tell(on.EndpointsResolved(story.ticket, CANDIDATES)).tell(on.TunnelApplied(story.ticket))
    story.tell(on.HandshakeRead(story.ticket, last=1050.0, age_s=0.0))
    story.tell(on.TunnelApplied(story.ticket)).tell(on.CheckAnswered(story.ticket, answered=True))
    assert (public_state(story.session), story.session.last_fault) == (State.ONLINE, None)
    assert not story.wants(do.FinishLogin)


@pytest.mark.parametrize("phase", [Phase.NAMING, Phase.CHECKING, Phase.WAITING, Phase.CONFLICT])
def test_what_was_touched_is_put_back_in_every_phase_and_changes_none(phase: Phase) -> None:
    story = story_at(phase).tell(on.TunnelDisturbed())
    assert story.wanted(do.ApplyTunnel).ticket == story.ticket
    assert story.wanted(do.ApplyTunnel).names is (phase in {Phase.NAMING, Phase.CHECKING})
    assert story.session.phase is phase


def test_what_was_touched_is_put_back_while_resolving_again() -> None:
    story = story_at(Phase.WAITING).tell(on.WokeUp()).tell(on.TunnelDisturbed())
    assert (story.session.phase, story.wants(do.ApplyTunnel)) == (Phase.RESOLVING, True)
    assert not story_at(Phase.RESOLVING).tell(on.TunnelDisturbed()).done


@pytest.mark.parametrize("event", [on.NetworkChanged(), on.TunnelDisturbed(), on.WokeUp()])
def test_after_a_change_the_tunnel_is_applied_again_and_checked(event: on.Event) -> None:
    story = story_at(Phase.ONLINE).tell(event)
    assert story.wanted(do.ApplyTunnel).names
    story.tell(on.TunnelApplied(story.ticket)).wanted(do.CheckTunnel)
    ticket = story.ticket
    story.tell(on.CheckAnswered(ticket, answered=True))
    assert (story.session.phase, story.done) == (Phase.ONLINE, ())
    story.tell(on.CheckAnswered(ticket, answered=False))
    assert story.session.phase is Phase.RESOLVING


def test_without_a_check_address_applying_again_is_enough() -> None:
    story = Story()
    story.naming(grant(check=None)).tell(on.TunnelApplied(story.ticket)).tell(on.NetworkChanged())
    story.tell(on.TunnelApplied(story.ticket))
    assert story.done == (do.ArmTimer(do.Timer.LOOK, 0.7),)


def test_no_network_is_waited_for() -> None:
    story = story_at(Phase.WAITING)
    assert (public_state(story.session), reason(story.session)) == (State.WAITING, Fault(Code.NO_NETWORK))
    story.tell(on.NetworkChanged())
    assert story.session.phase is Phase.RESOLVING


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.CONFLICT])
def test_waiting_tries_again_by_itself_and_after_sleep(phase: Phase) -> None:
    assert story_at(phase).tell(on.TimerRang(do.Timer.RETRY, 0.0)).session.phase is Phase.RESOLVING
    assert story_at(phase).tell(on.WokeUp()).session.phase is Phase.RESOLVING
    assert story_at(phase).tell(on.TimerRang(do.Timer.LOOK, 0.0)).done == ()
    assert story_at(phase).tell(on.TimerRang(do.Timer.END, 0.0)).session.phase is Phase.LEAVING


def test_silent_gateways_are_waited_for_once_online() -> None:
    story = story_at(Phase.WAITING).tell(on.WokeUp())
    story.tell(on.EndpointsResolved(story.ticket, ()))
    assert story.session.phase is Phase.WAITING
    story.tell(on.WokeUp()).tell(on.EndpointsResolved(story.ticket, CANDIDATES))
    for _ in range(5):
        story.tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert (story.session.phase, reason(story.session)) == (
        Phase.WAITING,
        Fault(Code.GATEWAY_SILENT, gateways="gw1.example, gw2.example", seconds=10),
    )


def test_a_conflict_keeps_the_session_and_names_both_routes() -> None:
    story = story_at(Phase.CONFLICT)
    assert public_state(story.session) is State.CONFLICT
    assert reason(story.session) == Fault(Code.CONFLICT, ours="10.88.0.0/16", theirs="wlan0")


def test_any_other_failure_of_the_tunnel_ends_the_session() -> None:
    story = story_at(Phase.ONLINE).tell(on.NetworkChanged())
    story.tell(on.TunnelFailed(story.ticket, Fault(Code.GUARD_REFUSED, detail="x")))
    assert story.session.phase is Phase.LEAVING


def test_when_the_network_came_the_gateway_is_spoken_to_before_its_name_is_known_anew() -> None:
    story = story_at(Phase.WAITING).tell(on.NetworkChanged())
    tunnel = story.wanted(do.ApplyTunnel)
    assert (tunnel.candidate, tunnel.anew, tunnel.names) == (CANDIDATES[0], True, False)
    kinds = [type(effect) for effect in story.done]
    assert kinds.index(do.ApplyTunnel) < kinds.index(do.TriggerHandshake) < kinds.index(do.ResolveEndpoints)
    story.tell(on.EndpointsResolved(story.ticket, CANDIDATES))
    assert (story.wanted(do.ApplyTunnel).candidate, story.wanted(do.ApplyTunnel).anew) == (CANDIDATES[0], False)
    story.tell(on.TunnelApplied(story.ticket)).tell(on.HandshakeRead(story.ticket, last=900.0, age_s=0.0))
    assert story.session.phase is Phase.NAMING


def test_where_the_gateway_has_another_address_now_that_handshake_does_not_count() -> None:
    story = story_at(Phase.WAITING).tell(on.NetworkChanged())
    moved = replace(CANDIDATES[0], endpoint=Endpoint(ip_address("192.0.2.99"), 51820))
    story.tell(on.EndpointsResolved(story.ticket, (moved,)))
    assert story.wanted(do.ApplyTunnel).anew


def test_a_handshake_begun_when_the_network_came_serves_one_attempt() -> None:
    story = story_at(Phase.WAITING).tell(on.NetworkChanged())
    story.tell(on.EndpointsResolved(story.ticket, CANDIDATES[:1])).tell(on.TimerRang(do.Timer.ATTEMPT, 0.0))
    assert story.wanted(do.ApplyTunnel).anew
    story = story_at(Phase.WAITING).tell(on.NetworkChanged()).tell(on.NetworkLost())
    story.tell(on.TimerRang(do.Timer.RETRY, 0.0)).tell(on.EndpointsResolved(story.ticket, CANDIDATES))
    assert story.wanted(do.ApplyTunnel).anew


def test_reconnecting_begins_anew_with_the_gateway_and_takes_its_first_handshake() -> None:
    story = story_at(Phase.WAITING).tell(on.TimerRang(do.Timer.RETRY, 0.0))
    story.tell(on.EndpointsResolved(story.ticket, CANDIDATES))
    assert story.wanted(do.ApplyTunnel).anew
    story.tell(on.TunnelApplied(story.ticket))
    story.tell(on.HandshakeRead(story.ticket, last=0.0, age_s=0.0))
    assert not story.wants(do.ApplyTunnel)
    story.tell(on.HandshakeRead(story.ticket, last=900.0, age_s=0.0))
    assert story.session.phase is Phase.NAMING
    assert not story.wanted(do.ApplyTunnel).anew


# --- time


def test_the_end_ends_the_session_without_asking_the_portal() -> None:
    for phase in (Phase.ONLINE, Phase.ATTEMPTING):
        story = story_at(phase).tell(on.TimerRang(do.Timer.END, 28900.0))
        assert reason(story.session) == Fault(Code.SESSION_ENDED)
        assert not story.wants(do.TellPortal)


def test_the_owner_is_warned_at_60_15_and_5_minutes() -> None:
    story = story_at(Phase.ONLINE)
    end = 100.0 + 28800
    moments = [next(e.at for e in story.done if isinstance(e, do.ArmTimerAt))]
    for _ in range(2):
        story.tell(on.TimerRang(do.Timer.WARNING, moments[-1]))
        moments.append(story.wanted(do.ArmTimerAt).at)
    assert moments == [end - 3600, end - 900, end - 300]
    story.tell(on.TimerRang(do.Timer.WARNING, end - 300))
    assert story.done == (do.TellDetails(), do.CancelTimer(do.Timer.WARNING))


# --- renewal


def test_a_renewal_moves_the_end_and_nothing_else() -> None:
    story = story_at(Phase.ONLINE)
    before = story.session
    story.tell(on.RenewAsked(2, ALICE, Factor.YUBIKEY_HMAC, at=5000.0))
    start = story.wanted(do.StartRenewal)
    assert (start.token, start.public_key, start.otp) == (Secret("t" * 43), PUBLIC_KEY, None)
    story.tell(on.WorkerProgressed(2, Progress.TOUCH))
    assert story.session.login is not None
    assert story.session.login.stage is Stage.TOUCH
    moved = grant(check=None, ends_in_s=3600, token="n" * 43)
    story.tell(on.GrantReceived(2, 5000.0, moved, "second", b"e" * 32))
    after = story.session
    assert (after.ends_at, after.statement) == (8600.0, "second")
    assert after.grant is not None
    assert before.grant is not None
    assert after.grant.token == Secret("n" * 43)
    assert (after.grant.addresses, after.grant.gateways, after.grant.check) == (
        before.grant.addresses,
        before.grant.gateways,
        before.grant.check,
    )
    assert story.wanted(do.FinishLogin) == do.FinishLogin(2, None)
    assert not story.wants(do.ApplyTunnel)
    assert after.phase is Phase.ONLINE


def test_a_typed_renewal_asks_for_the_code_first() -> None:
    story = story_at(Phase.ONLINE).tell(on.RenewAsked(2, ALICE, Factor.YUBICO_OTP, at=0.0))
    assert story.wanted(do.Ask).prompts == (PromptKind.OTP,)
    assert story.tell(on.AnswersGiven(2, {})).done == ()
    story.tell(on.AnswersGiven(2, {PromptKind.OTP: Secret("cccc")}))
    assert story.wanted(do.StartRenewal).otp == Secret("cccc")


def test_a_renewal_asks_for_the_pin_that_the_key_wants() -> None:
    story = story_at(Phase.ONLINE).tell(on.RenewAsked(2, ALICE, Factor.FIDO2, at=0.0))
    assert story.wanted(do.StartRenewal).pin is None
    story.tell(on.LoginFailed(2, Fault(Code.KEY_PIN_NEEDED)))
    assert story.wanted(do.Ask).prompts == (PromptKind.PIN,)
    assert story.wants(do.ArmTimer)
    assert story.tell(on.AnswersGiven(2, {PromptKind.OTP: Secret("cccc")})).done == ()
    story.tell(on.AnswersGiven(2, {PromptKind.PIN: Secret("1234")}))
    assert (story.wanted(do.StartRenewal).pin, story.wanted(do.StartRenewal).otp) == (Secret("1234"), None)
    assert story.session.login is not None
    assert story.session.login.answers == {}
    story.tell(on.LoginFailed(2, Fault(Code.KEY_PIN_WRONG, tries=7)))
    assert story.wanted(do.FinishLogin) == do.FinishLogin(2, Fault(Code.KEY_PIN_WRONG, tries=7))
    assert story.session.phase is Phase.ONLINE


def test_a_renewal_that_nobody_answers_ends_alone() -> None:
    story = story_at(Phase.ONLINE).tell(on.RenewAsked(2, ALICE, Factor.YUBICO_OTP, at=0.0))
    story.tell(on.TimerRang(do.Timer.INPUT, 0.0))
    assert story.wanted(do.FinishLogin) == do.FinishLogin(2, Fault(Code.ANSWER_TIMED_OUT))
    assert story.session.phase is Phase.ONLINE
    assert story.tell(on.TimerRang(do.Timer.INPUT, 0.0)).done == ()


def test_a_failed_or_abandoned_renewal_leaves_the_session_as_it_was() -> None:
    story = story_at(Phase.ONLINE)
    before = story.session
    story.tell(on.RenewAsked(2, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    story.tell(on.LoginFailed(2, Fault(Code.KEY_PULLED)))
    assert story.session == before
    story.tell(on.RenewAsked(3, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    story.tell(on.LoginAbandoned(3, Fault(Code.CANCELLED)))
    assert story.wants(do.CancelWorker)
    assert story.session == before


@pytest.mark.parametrize(
    ("phase", "uid", "code"),
    [
        (Phase.ONLINE, BOB, Code.IN_USE),
        (Phase.SIGNED_OUT, ALICE, Code.NOT_SIGNED_IN),
        (Phase.ATTEMPTING, ALICE, Code.NOT_SIGNED_IN),
    ],
)
def test_a_renewal_that_is_not_ones_own_is_refused(phase: Phase, uid: int, code: Code) -> None:
    story = story_at(phase)
    before = story.session
    story.tell(on.RenewAsked(2, uid, Factor.YUBIKEY_HMAC, at=0.0))
    assert (story.done, story.session) == ((do.Refuse(2, Fault(code)),), before)


def test_one_renewal_at_a_time() -> None:
    story = story_at(Phase.ONLINE).tell(on.RenewAsked(2, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    story.tell(on.RenewAsked(3, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    assert story.done == (do.Refuse(3, Fault(Code.TOO_MANY_LOGINS)),)


def test_a_renewal_while_reconnecting_can_be_abandoned() -> None:
    story = story_at(Phase.WAITING).tell(on.WokeUp()).tell(on.RenewAsked(2, ALICE, Factor.YUBIKEY_HMAC, at=0.0))
    story.tell(on.LoginAbandoned(2, Fault(Code.CANCELLED)))
    assert (story.session.phase, story.session.login) == (Phase.RESOLVING, None)


def test_a_grant_for_the_sign_in_itself_is_not_a_renewal() -> None:
    story = story_at(Phase.RESOLVING)
    before = story.session
    story.tell(on.GrantReceived(1, 0.0, grant(), "again", bytes(32)))
    assert story.session == before


# --- restarts


def adopted(at: float, ends_at: float) -> on.SessionAdopted:
    return on.SessionAdopted(
        at=at,
        owner_uid=ALICE,
        username="alice",
        factor=Factor.YUBIKEY_HMAC,
        link=Link(PUBLIC_KEY, 7),
        grant=grant(),
        statement="statement",
        login_digest=b"d" * 32,
        ends_at=ends_at,
        renew_until=ends_at,
        candidate=CANDIDATES[0],
    )


def test_an_adopted_session_is_online_at_once() -> None:
    story = Story().tell(adopted(at=50.0, ends_at=9000.0))
    assert public_state(story.session) is State.ONLINE
    assert story.wanted(do.ApplyTunnel).candidate == CANDIDATES[0]
    assert do.ArmTimerAt(do.Timer.END, 9000.0) in story.done
    assert not story.wants(do.TakeDown)


def test_a_session_that_ended_meanwhile_is_taken_down() -> None:
    story = Story().tell(adopted(at=9000.0, ends_at=9000.0))
    assert story.session.phase is Phase.LEAVING
    assert reason(story.session) == Fault(Code.SESSION_ENDED)


def test_leftovers_are_cleaned() -> None:
    story = Story().tell(on.LeftoversFound())
    assert story.wants(do.TakeDown)
    assert not story.wants(do.TellPortal)
    story.tell(on.TunnelGone(story.ticket))
    assert (story.session.phase, story.wants(do.EraseRecord)) == (Phase.SIGNED_OUT, True)


def test_of_leftovers_with_a_grant_the_portal_is_told() -> None:
    story = Story().tell(on.LeftoversFound(grant()))
    assert story.wanted(do.TellPortal).token == grant().token
    story.tell(on.TunnelGone(story.ticket)).tell(on.PortalTold())
    assert story.session.phase is Phase.SIGNED_OUT


def test_a_full_disk_at_the_online_record_is_a_matter_of_health() -> None:
    fault = Fault(Code.RECORD_NOT_WRITTEN, reason="ENOSPC")
    story = story_at(Phase.ONLINE).tell(on.RecordFailed(fault))
    assert (story.session.phase, story.session.health) == (Phase.ONLINE, (fault,))

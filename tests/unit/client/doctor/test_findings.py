"""The judgements: what follows from the evidence, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flexnetd.client.doctor.evidence import KeySeen
from flexnetd.client.doctor.examination import findings
from flexnetd.client.doctor.findings import SUBJECTS, Finding, Outcome, Subject
from flexnetd.client.doctor.place import LocalProfiles
from flexnetd.client.doctor.wording import report_lines
from flexnetd.client.language import language_named
from flexnetd.client.sentences import code_of
from flexnetd.client.views import Discovered
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fault
from flexnetd.model.posture import Answer, Check, Reason, Verdict
from flexnetd.model.session_words import State
from flexnetd.wire.worker import PostureResult, ProbeResult, ResolveResult
from tests.unit.client.doctor import seen

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
ABSENT = Fault(Code.DAEMON_ABSENT)
UNREACHABLE = Fault(Code.PORTAL_UNREACHABLE, host=seen.HOST)
CAPTIVE = Fault(Code.CAPTIVE_PORTAL, url="http://portal.example/")
AWAY = {"own": UNREACHABLE, "own_came": None, "plain_page": ProbeResult(False, 700)}


def found(**other: Any) -> dict[Subject, Finding]:
    return {finding.subject: finding for finding in findings(seen.evidence(**other))}


def of_portal(**other: Any) -> dict[Subject, Finding]:
    return found(portals=(seen.portal(**other),))


def told(finding: Finding) -> tuple[Outcome, Code | None]:
    return finding.outcome, code_of(finding.reason) if finding.reason else None


def test_every_subject_has_its_name() -> None:
    assert set(SUBJECTS) == set(Subject)


def test_all_is_well_but_for_what_only_signing_in_shows() -> None:
    unlike = {subject: finding for subject, finding in found().items() if finding.outcome is not PASS}
    assert set(unlike) == {Subject.UDP}
    assert told(unlike[Subject.UDP]) == (UNKNOWN, None)
    assert unlike[Subject.UDP].evidence == "gw.example:51820 (198.51.100.20)"


def test_everything_is_looked_at_whatever_is_missing() -> None:
    nothing = found(devices=(), portals=(), key=KeySeen(()), service=ABSENT, duties=None)
    assert set(nothing) == set(Subject) - {Subject.HEALTH}
    assert {subject for subject, finding in nothing.items() if finding.outcome is FAIL} == {
        Subject.NETWORK,
        Subject.KEY,
        Subject.SERVICE,
        Subject.ACCESS,
    }
    assert all(f.note or f.reason for f in nothing.values() if f.outcome is UNKNOWN)


def test_without_a_network_nothing_behind_it_is_blamed() -> None:
    off = found(devices=(), portals=(seen.portal(own=Fault(Code.NO_NETWORK), names=ResolveResult({})),))
    assert told(off[Subject.NETWORK]) == (FAIL, Code.NO_NETWORK)
    behind = (Subject.CAPTIVE_PORTAL, Subject.NAMES, Subject.PORTAL, Subject.CLOCK, Subject.UDP)
    assert {off[subject].outcome for subject in behind} == {UNKNOWN}


@pytest.mark.parametrize("place", ["plain_page", "own", "by_service"])
def test_a_page_in_the_way_is_named_wherever_it_showed(place: str) -> None:
    there = of_portal(**{**AWAY, place: CAPTIVE})
    assert told(there[Subject.CAPTIVE_PORTAL]) == (FAIL, Code.CAPTIVE_PORTAL)


def test_a_portal_that_proved_itself_is_behind_no_page_whatever_stands_on_port_80() -> None:
    assert told(of_portal(plain_page=CAPTIVE)[Subject.CAPTIVE_PORTAL]) == (PASS, None)


def test_nobody_on_the_plain_page_says_nothing() -> None:
    assert told(of_portal(**AWAY)[Subject.CAPTIVE_PORTAL]) == (UNKNOWN, None)


def test_a_name_without_an_address_is_not_found() -> None:
    there = of_portal(**AWAY, names=ResolveResult({seen.HOST: ()}))
    assert told(there[Subject.NAMES]) == (FAIL, Code.NAME_NOT_FOUND)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1"])
def test_a_name_that_leads_to_this_computer_is_wrong(address: str) -> None:
    there = of_portal(**AWAY, names=ResolveResult({seen.HOST: (address,)}))
    assert told(there[Subject.NAMES]) == (FAIL, Code.NAMES_WRONG)


def test_a_server_that_has_the_same_address_for_a_name_of_nobodys_lies() -> None:
    lie = ProbeResult(True, 5, {"addresses": f"203.0.113.1 {seen.ADDRESS}"})
    assert told(of_portal(**AWAY, invented=lie)[Subject.NAMES]) == (FAIL, Code.NAMES_WRONG)
    elsewhere = ProbeResult(True, 5, {"addresses": "203.0.113.1"})
    assert told(of_portal(**AWAY, invented=elsewhere)[Subject.NAMES]) == (UNKNOWN, None)
    assert told(of_portal(invented=lie)[Subject.NAMES]) == (PASS, None)


def test_a_portal_that_only_the_service_cannot_reach_is_not_in_order() -> None:
    there = of_portal(by_service=UNREACHABLE)
    assert told(there[Subject.PORTAL]) == (FAIL, Code.PORTAL_UNREACHABLE)
    assert there[Subject.PORTAL].note is not None


def test_where_only_the_service_knows_the_access_its_answer_counts() -> None:
    by_service = Discovered({}, (), seen.NOW, 900)
    there = of_portal(names=None, invented=None, plain_page=None, own=None, own_came=None, by_service=by_service)
    subjects = (Subject.CAPTIVE_PORTAL, Subject.NAMES, Subject.PORTAL, Subject.CLOCK)
    assert {there[subject].outcome for subject in subjects} == {PASS}


def test_a_portal_that_has_not_answered_in_time_is_not_known() -> None:
    assert told(of_portal(own=None, own_came=None)[Subject.PORTAL]) == (UNKNOWN, None)


@pytest.mark.parametrize(("ahead_s", "wrong"), [(0, False), (60, False), (-60, False), (61, True), (-61, True)])
def test_the_clock_is_held_to_the_portals(ahead_s: int, wrong: bool) -> None:
    there = of_portal(own=replace(seen.DISCOVERY, server_time=seen.NOW - ahead_s))
    assert told(there[Subject.CLOCK]) == ((FAIL, Code.CLOCK_WRONG) if wrong else (PASS, None))


@pytest.mark.parametrize(("ahead_s", "wrong"), [(360, False), (361, True), (-61, True)])
def test_what_the_service_remembers_may_be_as_old_as_the_portal_said(ahead_s: int, wrong: bool) -> None:
    there = of_portal(own=None, own_came=None, by_service=Discovered({}, (), seen.NOW - ahead_s, 300))
    assert told(there[Subject.CLOCK]) == ((FAIL, Code.CLOCK_WRONG) if wrong else (PASS, None))


def test_without_the_portal_no_clock_is_called_right() -> None:
    assert told(of_portal(**AWAY)[Subject.CLOCK]) == (UNKNOWN, None)
    before = found(portals=(seen.portal(**AWAY),), now=seen.NOW, made_at=seen.NOW + 3600)
    assert told(before[Subject.CLOCK]) == (FAIL, Code.CLOCK_WRONG)


def test_a_certificate_of_another_time_makes_the_clock_suspect() -> None:
    expired = Fault(Code.PORTAL_CERTIFICATE, host=seen.HOST, reason="not-yet-valid")
    clock = of_portal(own=expired)[Subject.CLOCK]
    assert told(clock) == (UNKNOWN, None)
    assert clock.note is not None
    assert "date" in clock.note.text


def test_a_clock_that_the_portal_calls_wrong_is_no_fault_of_the_portal() -> None:
    there = of_portal(own=Fault(Code.CLOCK_WRONG, seconds=3600))
    assert (told(there[Subject.PORTAL]), told(there[Subject.CLOCK])) == ((PASS, None), (FAIL, Code.CLOCK_WRONG))


@pytest.mark.parametrize(
    ("state", "reason", "outcome"),
    [
        (State.ONLINE, None, PASS),
        (State.SIGNED_OUT, Fault(Code.GATEWAY_SILENT, gateways="gw", seconds=10), FAIL),
        (State.SIGNED_OUT, Code.GATEWAY_SILENT, FAIL),
        (State.SIGNED_OUT, Fault(Code.UDP_BLOCKED, gateways="gw", port="51820"), FAIL),
        (State.SIGNED_OUT, Fault(Code.KEY_ABSENT), UNKNOWN),
        (State.RECONNECTING, None, UNKNOWN),
    ],
)
def test_udp_is_known_from_a_session_alone(state: State, reason: Any, outcome: Outcome) -> None:
    session = replace(seen.SESSION, state=state, reason=reason)
    assert found(service=seen.overview(session))[Subject.UDP].outcome is outcome


def test_a_gateway_that_no_route_leads_to_is_not_reached() -> None:
    assert of_portal(ways={seen.GATEWAY_ADDRESS: ""})[Subject.UDP].outcome is FAIL


def key_of(**other: Any) -> tuple[Finding, Finding]:
    there = found(key=replace(KeySeen((seen.NODE,), ("YubiKey OTP",), seen.STATUS), **other))
    return there[Subject.KEY], there[Subject.KEY_SLOTS]


def test_a_key_is_told_with_firmware_and_serial() -> None:
    key, _ = key_of()
    assert (key.outcome, key.evidence) == (PASS, "YubiKey OTP 5.4.3; 4711")


@pytest.mark.parametrize(
    ("seen_of_it", "code"),
    [
        ({"nodes": (), "on_usb": ()}, Code.KEY_ABSENT),
        ({"nodes": (), "on_usb": ("Security Key",)}, Code.KEY_WITHOUT_HMAC),
        ({"nodes": (seen.NODE, seen.NODE)}, Code.KEYS_SEVERAL),
        ({"nodes": (replace(seen.NODE, permitted=False),)}, Code.KEY_NOT_PERMITTED),
    ],
)
def test_a_key_that_will_not_do_is_named(seen_of_it: dict[str, Any], code: Code) -> None:
    assert told(key_of(**seen_of_it)[0]) == (FAIL, code)


def test_a_system_that_does_not_tell_of_keys_is_not_judged() -> None:
    assert [finding.outcome for finding in key_of(nodes=None)] == [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("slots", "outcome", "code"),
    [
        ("empty/touch", PASS, None),
        ("touch/empty", PASS, None),
        ("set/unknown", PASS, None),
        ("empty/empty", FAIL, Code.KEY_SLOT_EMPTY),
        ("strange", UNKNOWN, None),
    ],
)
def test_slots_are_told_as_the_key_says(slots: str, outcome: Outcome, code: Code | None) -> None:
    assert told(key_of(status=ProbeResult(True, 5, {"slots": slots}))[1]) == (outcome, code)


def test_slots_that_this_account_may_not_see_are_not_known() -> None:
    assert told(key_of(status=Fault(Code.KEY_NOT_PERMITTED))[1]) == (UNKNOWN, None)
    assert told(key_of(status=Fault(Code.KEY_BUSY))[1]) == (FAIL, Code.KEY_BUSY)


def test_a_service_that_is_silent_has_failed() -> None:
    silent = found(service=None)
    assert told(silent[Subject.SERVICE]) == (FAIL, None)
    assert told(silent[Subject.SESSION]) == (UNKNOWN, None)


def test_without_the_service_the_files_of_the_accesses_are_looked_at() -> None:
    bad = Fault(Code.PROFILE_MISSING_KEY, file="kvsa.toml", key="portal")
    there = found(service=ABSENT, profiles=LocalProfiles((), (bad,)))
    assert told(there[Subject.ACCESS]) == (FAIL, Code.PROFILE_MISSING_KEY)


def test_what_failed_last_is_told_but_not_that_a_session_came_to_its_end() -> None:
    failed = seen.overview(replace(seen.SESSION, reason=Fault(Code.ACCOUNT_DISABLED)))
    assert told(found(service=failed)[Subject.SESSION]) == (FAIL, Code.ACCOUNT_DISABLED)
    ended = seen.overview(replace(seen.SESSION, reason=Fault(Code.SESSION_ENDED)))
    assert told(found(service=ended)[Subject.SESSION]) == (PASS, None)
    assert found(mtus={"kvsa": 1420})[Subject.SESSION].evidence == "kvsa, MTU 1420"


def duties(**other: Any) -> list[tuple[Outcome, Check | None]]:
    told_of = [f for f in findings(seen.evidence(**other)) if f.subject is Subject.DUTIES]
    return [(finding.outcome, finding.verdict.check if finding.verdict else None) for finding in told_of]


def test_of_the_duties_those_are_told_that_the_portal_asks_for() -> None:
    assert duties() == [(PASS, Check.FIREWALL)]
    assert duties(portals=(seen.portal(own=replace(seen.DISCOVERY, posture={"firewall": "ignored"})),)) == [
        (PASS, None)
    ]


def test_all_of_them_where_the_portal_could_not_be_asked() -> None:
    assert duties(portals=(seen.portal(**AWAY),)) == [(PASS, Check.FIREWALL), (FAIL, Check.RESTART)]


def test_the_firewall_that_this_account_may_not_see_is_told_as_the_service_saw_it() -> None:
    not_seen = PostureResult((Verdict(Check.FIREWALL, Answer.UNKNOWN, Reason.TOOL_FAILED),))
    assert duties(duties=not_seen) == [(UNKNOWN, Check.FIREWALL)]
    by_service = Verdict(Check.FIREWALL, Answer.FAIL, Reason.FIREWALL_OFF)
    assert duties(duties=not_seen, service=seen.overview(posture=(by_service,))) == [(FAIL, Check.FIREWALL)]


def test_neighbours_that_are_not_known_for_the_same_reason_are_one_line() -> None:
    told_of = list(findings(seen.evidence(portals=())))
    lines = list(report_lines(told_of, language_named("en")))
    together = next(line for line in lines if line.startswith("Sign-in page of the Wi-Fi, "))
    assert together.endswith("Way to the gateway (UDP): not known")
    assert sum("only when this computer has an access" in line for line in lines) == 1


def test_a_duty_is_told_with_what_to_do() -> None:
    lines = list(report_lines(list(findings(seen.evidence(portals=(seen.portal(**AWAY),)))), language_named("en")))
    at = lines.index("Duties of the workplace: not in order")
    assert lines[at + 1 : at + 3] == [
        "    Restart after updates: updates have waited for a restart for days",
        "    Please restart this computer.",
    ]
    assert "Duties of the workplace: in order (Firewall)" in lines

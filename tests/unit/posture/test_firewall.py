"""Only what is in the kernel makes a firewall."""

from __future__ import annotations

import pytest

from flexnetd.model.posture import Answer, Reason, Verdict
from flexnetd.posture.firewall import FirewallFacts, WayIn, judge
from flexnetd.posture.ruleset import ruleset_from_json
from flexnetd.posture.verdicts import NotKnown
from tests.unit.posture.rules import ACCEPT, DROP, ESTABLISHED, Statement, chain, jump, meta, payload, ruleset

ETHERNET = (WayIn("ip", "eth0"), WayIn("ip6", "eth0"))
FIREWALLD_TRUSTED = chain([ACCEPT], name="trusted", hook="")
SHUT = chain([ESTABLISHED, ACCEPT], [meta("iifname", "lo"), ACCEPT], [payload("tcp", "dport", 22), ACCEPT], [DROP])


def judged(*chains: list[Statement], ways_in: tuple[WayIn, ...] = ETHERNET, legacy: bool = False, **on: str) -> Verdict:
    return judge(FirewallFacts(ruleset(*chains), ways_in, tuple(on.items()), legacy))


def test_dropping_what_nobody_asked_for_is_a_firewall() -> None:
    verdict = judged(SHUT, ufw="on")
    assert (verdict.answer, verdict.evidence) == (Answer.PASS, {"ufw": "on"})
    assert judged(SHUT, ways_in=()).answer is Answer.PASS


def test_ufw_that_is_disabled_is_none_whatever_its_unit_says() -> None:
    verdict = judged(ufw="off")
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.FIREWALL_OFF)
    assert verdict.evidence == {"ufw": "off"}


def test_a_table_that_accepts_everything_is_none() -> None:
    verdict = judged(chain([ACCEPT], [DROP]))
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, Reason.ACCEPTS_EVERYTHING)
    assert verdict.evidence == {"accepted": "ip tcp eth0"}


def test_a_zone_of_firewalld_that_accepts_everything_is_none() -> None:
    trusted: Statement = {"goto": {"target": "trusted"}}
    verdict = judged(chain([meta("iifname", "eth0"), trusted], [DROP]), FIREWALLD_TRUSTED, firewalld="on")
    assert verdict.reason is Reason.ACCEPTS_EVERYTHING


def test_a_firewall_for_one_family_alone_is_none() -> None:
    only_four = chain([DROP], family="ip")
    assert judged(only_four).evidence["accepted"] == "ip6 tcp eth0"
    assert judged(only_four, ways_in=(WayIn("ip", "eth0"),)).answer is Answer.PASS


def test_our_own_table_is_no_firewall() -> None:
    assert judged(chain([DROP], table="flexnetd")).reason is Reason.FIREWALL_OFF


@pytest.mark.parametrize(
    ("chains", "legacy", "reason"),
    [
        ([], True, Reason.LEGACY_TABLES),
        ([chain([{"queue": {"num": 0}}])], False, Reason.TOO_COMPLEX),
        ([chain([jump("away")])], False, Reason.TOO_COMPLEX),
    ],
)
def test_what_cannot_be_seen_is_unknown(chains: list[list[Statement]], legacy: bool, reason: Reason) -> None:
    with pytest.raises(NotKnown) as raised:
        judged(*chains, legacy=legacy)
    assert raised.value.reason is reason


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nftables": [1]}', '{"nftables": [{"rule": {}}]}', "[" * 100000])
def test_a_text_that_is_no_ruleset_is_not_understood(text: str) -> None:
    with pytest.raises(NotKnown) as raised:
        ruleset_from_json(text)
    assert raised.value.reason is Reason.NOT_UNDERSTOOD


def test_a_priority_that_is_a_word_counts_as_none() -> None:
    (only,) = ruleset(chain([DROP], prio="filter")).input_chains
    assert only.priority == 0

"""ClamAV by its database's own date, Defender by its protection; one of them is enough."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from flexnetd.model.posture import Answer, Reason, Verdict
from flexnetd.posture import clamav, virus_scanner
from flexnetd.posture.clamav import ClamFacts, built_at
from flexnetd.posture.defender import DefenderFacts, facts_from_health
from flexnetd.posture.verdicts import DAY_S, NotKnown
from flexnetd.posture.virus_scanner import Scanner

NOW = 1_795_500_000.0
GOOD_DEFENDER = DefenderFacts(True, False, "uptodate", 213)
MISSING = NotKnown(Reason.TOOL_FAILED, "mdatp")


def header(age_days: float, *, with_epoch: bool = True) -> bytes:
    built = datetime.fromtimestamp(NOW - age_days * DAY_S, UTC)
    words = ["ClamAV-VDB", f"{built:%d %b %Y %H-%M %z}", "28012", "355213", "90", "0" * 32, "signature", "builder"]
    return ":".join(words + [str(int(built.timestamp()))] * with_epoch).encode().ljust(512)


def clam(*headers: bytes, updater: bool = True, settings: str = "Checks 24\n", daemon: bool = True) -> ClamFacts:
    return ClamFacts(NOW, headers, updater, settings, daemon)


def judged(*scanners: Scanner) -> Verdict:
    return virus_scanner.judge(scanners)


@pytest.mark.parametrize("with_epoch", [True, False])
def test_recent_definitions_that_are_kept_recent_pass(with_epoch: bool) -> None:
    verdict = judged(clam(header(4, with_epoch=with_epoch)))
    assert verdict.answer is Answer.PASS
    assert verdict.evidence["daemon"] == "running"


def test_the_newest_of_several_databases_counts() -> None:
    assert judged(clam(header(30), header(0), daemon=False)).evidence["definitions_age_days"] == "0"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (clam(header(8)), Reason.DEFINITIONS_OLD),
        (clam(header(8), updater=False), Reason.DEFINITIONS_OLD),
        (clam(), Reason.NO_DEFINITIONS),
        (clam(header(1), updater=False), Reason.UPDATER_OFF),
        (clam(header(1), settings="Checks 24\n  Checks 0\n"), Reason.UPDATER_OFF),
        (DefenderFacts(False, False, "uptodate", 1), Reason.PROTECTION_OFF),
        (DefenderFacts(True, True, "uptodate", 1), Reason.PROTECTION_OFF),
        (DefenderFacts(True, False, "outofdate", 1), Reason.DEFINITIONS_OLD),
        (DefenderFacts(True, False, "uptodate", 8 * 1440), Reason.DEFINITIONS_OLD),
    ],
)
def test_what_does_not_protect_fails(facts: Scanner, reason: Reason) -> None:
    verdict = judged(facts)
    assert (verdict.answer, verdict.reason) == (Answer.FAIL, reason)


def test_freshclam_checks_often_enough_where_nothing_is_set() -> None:
    assert judged(clam(header(1), settings="#Checks 0\n")).answer is Answer.PASS


@pytest.mark.parametrize(
    "wrong",
    [b"", b"PK\x03\x04", b"ClamAV-VDB", b"ClamAV-VDB:yesterday:1", b"ClamAV-VDB:x:1:2:3:4:5:6:now", header(-3)],
)
def test_a_header_that_says_nothing_is_unknown(wrong: bytes) -> None:
    verdict = judged(clam(wrong))
    assert (verdict.answer, verdict.reason) == (Answer.UNKNOWN, Reason.NOT_UNDERSTOOD)


def test_a_clock_that_is_a_little_wrong_does_not_matter() -> None:
    assert clamav.judge(clam(header(-0.5))).answer is Answer.PASS
    assert built_at(header(0)) == NOW


def test_the_better_of_two_scanners_counts() -> None:
    assert judged(clam(header(90)), GOOD_DEFENDER).evidence["scanner"] == "mdatp"
    assert judged(MISSING, clam(header(90))).reason is Reason.DEFINITIONS_OLD
    assert judged(MISSING).reason is Reason.TOOL_FAILED


def test_no_scanner_that_we_know_is_unknown() -> None:
    with pytest.raises(NotKnown) as raised:
        judged()
    assert raised.value.reason is Reason.NO_SCANNER


def health(**changed: Any) -> str:
    told: dict[str, Any] = {
        "healthy": True,
        "realTimeProtectionEnabled": {"$type": "managedProperty", "value": True},
        "passiveModeEnabled": {"value": False},
        "definitionsStatus": {"$type": "upToDate"},
        "definitionsUpdatedMinutesAgo": 213,
    }
    return json.dumps({name: value for name, value in (told | changed).items() if value is not ...})


def test_defender_is_read_in_both_of_its_forms() -> None:
    assert facts_from_health(health()) == GOOD_DEFENDER
    older = health(realTimeProtectionEnabled=True, definitionsStatus="up_to_date", passiveModeEnabled=...)
    assert facts_from_health(older) == GOOD_DEFENDER


def test_defender_that_calls_itself_healthy_with_its_protection_off_fails() -> None:
    facts = facts_from_health(health(realTimeProtectionEnabled={"value": False}, definitionsUpdatedMinutesAgo=...))
    assert facts == DefenderFacts(False, False, "uptodate", None)
    assert judged(facts).reason is Reason.PROTECTION_OFF
    assert judged(DefenderFacts(True, False, "uptodate", None)).answer is Answer.PASS


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", "[" * 100000),
        *(health(realTimeProtectionEnabled="yes"), health(definitionsStatus={})),
        health(definitionsUpdatedMinutesAgo=float("inf")),
    ],
)
def test_another_answer_of_defender_is_not_understood(text: str) -> None:
    with pytest.raises(NotKnown) as raised:
        facts_from_health(text)
    assert raised.value.reason is Reason.NOT_UNDERSTOOD

"""Facts as words: by their names, and harmless whatever they are."""

from __future__ import annotations

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.sentences.facts import KNOWN_WORDS, LONGEST_FACT, printable, size_text, told_facts
from flexnetd.model.fault import Fact
from flexnetd.model.typed_code import CodeProblem

NOW = 1_795_528_800.0
ENGLISH, GERMAN = language_named("en"), language_named("de")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("seconds", 15, "15 seconds"),
        ("retry_after_s", 60, "1 minute"),
        ("limit_bytes", 1024 * 1024, "1 MiB"),
        ("errno", 1, "EPERM"),
        ("errno", 99999, "99999"),
        ("slot", 2, "2"),
        ("host", "portal.example", "portal.example"),
        ("factor", "fido2", "security key (FIDO2)"),
        ("factor", "something-new", "something-new"),
        ("host", "fido2", "fido2"),
    ],
)
def test_a_fact_is_told_by_what_its_name_says_it_is(name: str, value: Fact, words: str) -> None:
    assert told_facts(ENGLISH, {name: value}, NOW) == {name: words}


def test_whatever_is_wrong_with_a_typed_code_has_words() -> None:
    assert {problem.value for problem in CodeProblem} <= set(KNOWN_WORDS)


def test_a_time_is_told_in_the_persons_time_zone(berlin: None) -> None:
    assert told_facts(GERMAN, {"ends_at": 1_795_528_800}, NOW) == {"ends_at": "15:00 Uhr"}


def test_what_another_machine_says_cannot_drive_the_terminal() -> None:
    assert printable("a\x1b[2J\r\nb\x07") == "a [2J  b "
    assert printable("\u202eabc") == " abc"
    assert len(printable("x" * 1000)) == LONGEST_FACT


@pytest.mark.parametrize(
    ("size_bytes", "words"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**30, "1 GiB"), (2**52, "4096 TiB")]
)
def test_a_size_is_told_in_its_largest_unit(size_bytes: int, words: str) -> None:
    assert size_text(ENGLISH, size_bytes) == words


def test_a_size_is_told_with_the_languages_own_decimal_mark() -> None:
    assert size_text(GERMAN, 1536) == "1,5 KiB"

"""Every code has its words, in both languages, with facts that it declares and none besides."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.sentences import CATALOGUE, Words, told
from flexnetd.model.codes import Code
from flexnetd.model.fault import Fact, Fault
from flexnetd.model.profile import Contact

CODES = pytest.mark.parametrize("code", list(Code), ids=lambda code: code.name)
LANGUAGES = pytest.mark.parametrize("tag", ["de", "en"])
NOW = 1_795_528_800.0
CONTACT = Contact("IT-Service", "0391 627-7000")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def texts(words: Words) -> tuple[str, ...]:
    return (words.sentence, words.next_step, words.support, words.brief)


def facts_of(code: Code) -> dict[str, Fact]:
    """Facts of the kinds that their names promise."""
    numbers = {"seconds", "retry_after_s", "ends_at", "limit_bytes", "errno", "line", "slot", "uid", "minimum_length"}
    return {name: 90 if name in numbers else f"<{name}>" for name in code.facts}


def test_every_code_has_words_and_no_words_are_left_without_a_code() -> None:
    assert set(CATALOGUE) == set(Code)


@CODES
def test_the_words_name_only_facts_that_the_code_declares_and_tell_every_one(code: Code) -> None:
    assert set().union(*(placeholders(text) for text in texts(CATALOGUE[code]))) == set(code.facts)


@CODES
def test_the_german_words_are_there_with_the_same_facts(code: Code) -> None:
    german = language_named("de")
    for text in texts(CATALOGUE[code]):
        if text:
            assert german.text(text) != text or text in {"nftables: {detail}", "Worker: {detail}"}
            assert placeholders(german.text(text)) == placeholders(text)


@CODES
def test_the_words_are_whole_sentences(code: Code) -> None:
    for tag in ("en", "de"):
        words = CATALOGUE[code]
        assert language_named(tag).text(words.sentence).endswith(".")
        last = language_named(tag).text(words.next_step)
        assert last.endswith((".", "flexnetd", "flexnetd-worker.socket", "{url}"))


@CODES
def test_a_sentence_does_not_speak_to_the_person_in_our_jargon(code: Code) -> None:
    jargon = re.compile(r"\b(TLS|D-Bus|daemon|socket|handshake|nftables|peer|grant|login|HTTP|token)\b", re.IGNORECASE)
    words = CATALOGUE[code]
    if code.value.startswith("FN-7"):
        return
    for text in (words.sentence, words.next_step, words.brief):
        assert not jargon.search(text.replace("flexnetd-worker.socket", ""))


@pytest.mark.parametrize("code", [code for code in Code if code.value[3] in "23"], ids=lambda code: code.name)
def test_what_others_are_told_of_signing_in_needs_no_facts(code: Code) -> None:
    words = CATALOGUE[code]
    assert not placeholders(words.next_step)
    assert not placeholders(words.brief or words.sentence)
    assert "{" not in " ".join(told(code, language_named("de")).lines)


@LANGUAGES
@CODES
def test_a_fault_is_told_with_its_code_its_facts_and_whom_to_call(code: Code, tag: str) -> None:
    fault = Fault(code, **facts_of(code))
    lines = " ".join(told(fault, language_named(tag), CONTACT, NOW).lines)
    assert f"({code.value})" in lines
    assert "{" not in lines
    assert all(f"<{name}>" in lines for name in code.facts if f"<{name}>" in facts_of(code).values())
    assert ("0391 627-7000" in lines) == CATALOGUE[code].offers_contact


def test_only_what_is_no_failure_offers_nobody_to_call() -> None:
    silent = {code for code in Code if not CATALOGUE[code].offers_contact}
    assert silent == {Code.CANCELLED, Code.NOT_SIGNED_IN, Code.ALREADY_SIGNED_IN}


def test_the_facts_are_filled_in_as_a_person_says_them() -> None:
    waiting = told(Fault(Code.TOO_MANY_TRIES, retry_after_s=90), language_named("de"))
    assert waiting.sentence == "Es gab zu viele Fehlversuche. Der nächste Versuch ist in 1 Minute 30 Sekunden möglich."
    weak = told(Fault(Code.FACTOR_TOO_WEAK, factor="yubico-otp", weakest="yubikey-hmac"), language_named("en"))
    assert "“code from the YubiKey”" in weak.sentence
    assert "“touch of the YubiKey”" in weak.sentence


def test_facts_that_are_empty_are_left_out() -> None:
    nameless = told(Fault(Code.PROFILE_NOT_FOUND, name=""), language_named("en"))
    assert nameless.sentence == "This computer has no access yet."
    assert told(Fault(Code.WORKER_FAILED, detail=""), language_named("en")).support == ""


def test_what_the_it_service_needs_stands_on_a_line_of_its_own() -> None:
    fault = Fault(Code.KERNEL_REFUSED, what="route 10.9.0.0/16", errno=1)
    words = told(fault, language_named("de"), CONTACT)
    assert words.support == "Für den IT-Service: Verweigert: route 10.9.0.0/16, EPERM."
    assert words.contact == "Wenn Sie Hilfe brauchen: IT-Service, Telefon 0391 627-7000. Bitte nennen Sie FN-504."
    assert words.lines == (f"{words.sentence} (FN-504)", words.next_step, words.support, words.contact)


def test_the_contact_is_told_with_all_that_is_known_of_it() -> None:
    contact = Contact("IT-Service", "0391 627-7000", "it@kvsa.example", "Mo–Fr 8–16 Uhr")
    line = told(Fault(Code.KEY_ABSENT), language_named("de"), contact).contact
    assert "IT-Service, Telefon 0391 627-7000 (Mo–Fr 8–16 Uhr), E-Mail it@kvsa.example" in line
    assert (
        "e-mail a@b.example"
        in told(Fault(Code.KEY_ABSENT), language_named("en"), Contact("", "", "a@b.example")).contact
    )

"""Slips that are named before anything is sent."""

from __future__ import annotations

import pytest

from flexnetd.client.language import language_named
from flexnetd.client.slips import slip_text
from flexnetd.model.factor import Factor
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind

GERMAN = language_named("de")
OTP = "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"
BOTH = (Factor.YUBIKEY_HMAC, Factor.YUBICO_OTP, Factor.OATH_HOTP)


def said(kind: PromptKind, typed: str, factors: tuple[Factor, ...] = BOTH) -> str:
    return slip_text(GERMAN, kind, Secret(typed), factors)


@pytest.mark.parametrize("kind", [PromptKind.PASSWORD, PromptKind.NEW_PASSWORD])
def test_a_code_in_the_password_field_is_recognised(kind: PromptKind) -> None:
    assert said(kind, OTP) == "Das war der Code des YubiKeys. Bitte geben Sie hier Ihr Passwort ein."


@pytest.mark.parametrize("password", ["", "correct horse battery staple", "123456", "bettlektuere"])
def test_a_password_is_a_password(password: str) -> None:
    assert said(PromptKind.PASSWORD, password) == ""


@pytest.mark.parametrize("code", [OTP, OTP.upper(), f" {OTP}\n", "123456"])
def test_a_code_that_is_good_for_one_of_the_factors_is_good(code: str) -> None:
    assert said(PromptKind.OTP, code) == ""


@pytest.mark.parametrize(
    ("code", "factor", "problem"),
    [
        ("123456", Factor.YUBICO_OTP, "der Schlüssel wurde zu lang oder zu kurz gedrückt"),
        (OTP + OTP, Factor.YUBICO_OTP, "der Schlüssel wurde mehrmals gedrückt"),
        ("jjjjjjxjigdhcbihpe.hiu.bgypiucik.dduxngie.", Factor.YUBICO_OTP, "die Tastatur ist anders belegt"),
        ("12", Factor.OATH_HOTP, "er ist zu kurz oder zu lang"),
    ],
)
def test_a_code_that_cannot_be_right_is_named_with_what_to_do(code: str, factor: Factor, problem: str) -> None:
    shown = said(PromptKind.OTP, code, (factor,))
    assert shown == (
        f"Das ist kein Code eines YubiKeys: {problem}. "
        "Bitte drücken Sie den Schlüssel noch einmal kurz, ohne selbst etwas einzutippen."
    )
    assert code not in shown


def test_where_no_factor_is_typed_nothing_is_judged() -> None:
    assert said(PromptKind.OTP, "what is this", (Factor.YUBIKEY_HMAC,)) == ""
    assert said(PromptKind.ACTIVATION, OTP) == ""

"""What was typed as a one-time code is brought into form, or refused with the right word."""

from __future__ import annotations

import pytest

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.typed_code import MODHEX, typed_code

OTP = "vvccccbbbbnnhknlgbdejrjiuddgfgctrbvcehfdlkbv"
OTHER_OTP = "vvccccbbbbnndtifgkhvbinbvvtcjrjhueetdrvgbfig"


def problem_of(typed: str, factor: Factor) -> str:
    with pytest.raises(Fault) as caught:
        typed_code(Secret(typed), factor)
    assert caught.value.code is Code.CODE_FORMAT
    return str(caught.value.facts["problem"])


@pytest.mark.parametrize(
    "typed", [OTP, f"{OTP}\n", f"\t{OTP}\r\n", OTP.upper(), f" {OTP[:12]} {OTP[12:]}", OTP.replace("v", "\uff56")]
)
def test_an_otp_has_one_form_however_it_was_entered(typed: str) -> None:
    assert typed_code(Secret(typed), Factor.YUBICO_OTP) == Secret(OTP)


@pytest.mark.parametrize("length", [32, 44, 48])
def test_a_public_id_may_have_up_to_sixteen_letters(length: int) -> None:
    assert len(typed_code(Secret((OTP * 2)[:length]), Factor.YUBICO_OTP).reveal()) == length


@pytest.mark.parametrize("typed", ["755224", "287082\n", " 07 081 804 ", "\uff13\uff15\uff19\uff11\uff15\uff12"])
def test_digits_keep_their_zeros_and_lose_their_spaces(typed: str) -> None:
    code = typed_code(Secret(typed), Factor.OATH_HOTP).reveal()
    assert code in {"755224", "287082", "07081804", "359152"}


def test_an_emergency_code_keeps_its_case() -> None:
    assert typed_code(Secret(" Kd7-Xy2 \n"), Factor.EMERGENCY_CODE) == Secret("Kd7-Xy2")


@pytest.mark.parametrize("factor", [Factor.YUBICO_OTP, Factor.OATH_HOTP, Factor.EMERGENCY_CODE])
@pytest.mark.parametrize("typed", ["", "\n", " \t "])
def test_nothing_typed_is_empty(typed: str, factor: Factor) -> None:
    assert problem_of(typed, factor) == "empty"


@pytest.mark.parametrize(
    ("typed", "factor"),
    [
        (OTP[:31], Factor.YUBICO_OTP),
        (OTP + OTP[:5], Factor.YUBICO_OTP),
        (OTP + OTP[:6], Factor.YUBICO_OTP),
        (OTP[:40] + OTHER_OTP[2:42], Factor.YUBICO_OTP),
        (OTP * 30, Factor.YUBICO_OTP),
        ("12345", Factor.OATH_HOTP),
        ("1234567", Factor.OATH_HOTP),
        ("x" * 65, Factor.EMERGENCY_CODE),
    ],
)
def test_a_code_of_another_length(typed: str, factor: Factor) -> None:
    assert problem_of(typed, factor) == "length"


def test_two_presses_in_a_row_are_told_as_such() -> None:
    assert problem_of(OTP + OTHER_OTP, Factor.YUBICO_OTP) == "several-codes"
    assert problem_of("755224287082", Factor.OATH_HOTP) == "several-codes"


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param("jxe.uidchtnbpygk", id="Dvorak"),
        pytest.param("cbsftdhuneikpglv", id="Colemak"),
        pytest.param("xkipe,cdtsr'oèv.", id="Bépo"),
        pytest.param("äzaleosgnrtbcwhp", id="Neo 2"),
        pytest.param("сивуапршолдткегм", id="Russian"),
        pytest.param("ψβδεφγηιξκλνρτθω", id="Greek"),
        pytest.param("ؤلايبلاهتنمىقفعر", id="Arabic"),
    ],
)
def test_an_otp_under_another_keyboard_layout(layout: str) -> None:
    assert problem_of(OTP.translate(str.maketrans(MODHEX, layout)), Factor.YUBICO_OTP) == "keyboard-layout"


def test_digits_under_a_french_layout() -> None:
    assert problem_of("'ç-à-è", Factor.OATH_HOTP) == "keyboard-layout"


@pytest.mark.parametrize("typed", [OTP[:20] + "x" + OTP[21:], "password", "Größe", OTP[:30] + "12"])
def test_a_stray_letter_is_not_blamed_on_the_layout(typed: str) -> None:
    assert problem_of(typed, Factor.YUBICO_OTP) == "letters"


@pytest.mark.parametrize("typed", ["12345o", "password", "7552-4"])
def test_a_letter_among_the_digits(typed: str) -> None:
    assert problem_of(typed, Factor.OATH_HOTP) == "letters"


def test_a_long_press_instead_of_a_short_one() -> None:
    assert problem_of("755224", Factor.YUBICO_OTP) == "other-slot"
    assert problem_of(OTP, Factor.OATH_HOTP) == "other-slot"


@pytest.mark.parametrize("factor", [Factor.YUBIKEY_HMAC, Factor.FIDO2])
def test_what_is_not_typed_is_not_asked_here(factor: Factor) -> None:
    with pytest.raises(ValueError, match="is not typed"):
        typed_code(Secret(OTP), factor)


def test_the_fault_does_not_show_the_code() -> None:
    with pytest.raises(Fault) as caught:
        typed_code(Secret(OTP + "x"), Factor.YUBICO_OTP)
    assert OTP not in f"{caught.value} {caught.value!r}"

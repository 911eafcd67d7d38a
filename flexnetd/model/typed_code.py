"""What a person or their key typed as a one-time code: brought into its one form, or refused with what is wrong.

Client, worker and portal all call `typed_code`: the client so that a person learns at once that the keyboard's layout
garbled the code, the portal because it believes nobody.

The rules:
- White space goes (a key types Enter, and Tab if told so; people paste with spaces), letters become lower-case (Caps
  Lock), full-width forms become plain.
- Yubico OTP: 32 to 48 letters of modhex, the sixteen that lie alike on most Latin layouts. OATH-HOTP: 6 or 8 digits.
- A key sends key codes, not letters. Under another layout an OTP comes out in other letters, always the same sixteen:
  with Dvorak `.` and `x` among them, with a Cyrillic layout none of ours. That is "keyboard-layout"; a stray letter
  between the right ones is "letters".
- Digits where letters are due, or the other way round, are a press of the other length: "other-slot".
The code itself never appears in a fault.
"""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import assert_never

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret

MODHEX = "cbdefghijklnrtuv"
OTP_LENGTHS = range(32, 49)
"""16 bytes of block, and 0 to 8 bytes of public id before it."""
HOTP_LENGTHS = frozenset({6, 8})

_LONGEST = 1024
_LONGEST_EMERGENCY_CODE = 64
_SHORTEST_GARBLE = 16

# What the keys of MODHEX, in its order, type under layouts that keep to our letters.
_DVORAK = "jxe.uidchtnbpygk"
_COLEMAK = "cbsftdhuneikpglv"
_BEPO = "xkipe,cdtsr'oèv."
_NEO = "äzaleosgnrtbcwhp"
_LAYOUTS = tuple(frozenset(letters) for letters in (_DVORAK, _COLEMAK, _BEPO, _NEO))
_MODHEX_LETTERS = frozenset(MODHEX)


class CodeProblem(Enum):
    """The words of CODE_FORMAT's fact `problem`."""

    EMPTY = "empty"
    LENGTH = "length"
    LETTERS = "letters"
    KEYBOARD_LAYOUT = "keyboard-layout"
    OTHER_SLOT = "other-slot"
    SEVERAL_CODES = "several-codes"


def typed_code(typed: Secret, factor: Factor) -> Secret:
    """The code in its one form. Raises Fault CODE_FORMAT; ValueError for a factor that is not typed."""
    if len(typed.reveal()) > _LONGEST:
        raise _fault(CodeProblem.LENGTH)
    text = "".join(unicodedata.normalize("NFKC", typed.reveal()).split())
    if not text:
        raise _fault(CodeProblem.EMPTY)
    if factor is not Factor.EMERGENCY_CODE:
        text = text.lower()
    problem = _problem(text, factor)
    if problem:
        raise _fault(problem)
    return Secret(text)


def _problem(text: str, factor: Factor) -> CodeProblem | None:
    match factor:
        case Factor.YUBICO_OTP:
            return _problem_of_otp(text)
        case Factor.OATH_HOTP:
            return _problem_of_hotp(text)
        case Factor.EMERGENCY_CODE:
            return CodeProblem.LENGTH if len(text) > _LONGEST_EMERGENCY_CODE else None
        case Factor.YUBIKEY_HMAC | Factor.FIDO2:
            raise ValueError(f"{factor.value} is not typed")
        case _:
            assert_never(factor)


def _problem_of_otp(text: str) -> CodeProblem | None:
    if _is_modhex(text):
        if len(text) in OTP_LENGTHS:
            return None
        return CodeProblem.SEVERAL_CODES if _is_repeated(text) else CodeProblem.LENGTH
    if _is_hotp(text):
        return CodeProblem.OTHER_SLOT
    return CodeProblem.KEYBOARD_LAYOUT if _is_garbled_otp(text) else CodeProblem.LETTERS


def _problem_of_hotp(text: str) -> CodeProblem | None:
    if _is_digits(text):
        if len(text) in HOTP_LENGTHS:
            return None
        return CodeProblem.SEVERAL_CODES if len(text) in {12, 16} else CodeProblem.LENGTH
    if _is_modhex(text) and len(text) in OTP_LENGTHS:
        return CodeProblem.OTHER_SLOT
    return CodeProblem.KEYBOARD_LAYOUT if _is_garbled_hotp(text) else CodeProblem.LETTERS


def _is_modhex(text: str) -> bool:
    return set(text) <= _MODHEX_LETTERS


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_hotp(text: str) -> bool:
    return _is_digits(text) and len(text) in HOTP_LENGTHS


def _is_repeated(text: str) -> bool:
    """Two presses without a pause: two codes of one length, with the same public id."""
    half = len(text) // 2
    id_letters = half - OTP_LENGTHS.start
    return len(text) % 2 == 0 and half in OTP_LENGTHS and text[:id_letters] == text[half : half + id_letters]


def _is_garbled_otp(text: str) -> bool:
    """The length is not looked at closely: dead keys of a layout swallow letters."""
    if len(text) < _SHORTEST_GARBLE:
        return False
    return not text.isascii() or any(set(text) <= layout for layout in _LAYOUTS)


def _is_garbled_hotp(text: str) -> bool:
    """French and Czech layouts have other signs on the row of digits, and not one digit or plain letter among them."""
    return len(text) in HOTP_LENGTHS and not any(sign.isascii() and sign.isalnum() for sign in text)


def _fault(problem: CodeProblem) -> Fault:
    return Fault(Code.CODE_FORMAT, problem=problem.value)

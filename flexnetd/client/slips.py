"""Slips of the hand that can be named before anything is sent, and before a code is spent.

A code that the key typed into the password's field; a code that came out garbled, too long or from the other slot
(flexnetd/model/typed_code.py knows them). Nothing of what was typed is ever shown.
"""

from __future__ import annotations

from flexnetd.client.language import Language, msg
from flexnetd.client.sentences import told
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind
from flexnetd.model.typed_code import typed_code

_CODE_AS_PASSWORD = msg("That was the code of the YubiKey. Please type your password here.")


def slip_text(language: Language, kind: PromptKind, typed: Secret, factors: tuple[Factor, ...]) -> str:
    """What is wrong with an answer, in words; "" when nothing is. `factors` are those that may be meant."""
    match kind:
        case PromptKind.PASSWORD | PromptKind.NEW_PASSWORD if _code_fault(typed, Factor.YUBICO_OTP) is None:
            return language.text(_CODE_AS_PASSWORD)
        case PromptKind.OTP:
            return _slip_in_code(language, typed, tuple(factor for factor in factors if factor.typed))
        case _:
            return ""


def _slip_in_code(language: Language, typed: Secret, factors: tuple[Factor, ...]) -> str:
    """A code that is good for one of the factors is good; otherwise what is wrong by the first is told."""
    faults = [_code_fault(typed, factor) for factor in factors]
    if not faults or None in faults:
        return ""
    assert faults[0] is not None
    words = told(faults[0], language)
    return f"{words.sentence} {words.next_step}"


def _code_fault(typed: Secret, factor: Factor) -> Fault | None:
    try:
        typed_code(typed, factor)
    except Fault as fault:
        return fault
    return None

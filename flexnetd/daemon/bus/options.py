"""Options that a caller gives as `a{sv}`: closed lists, exact types, every mistake named."""

from __future__ import annotations

import unicodedata

from flexnetd.model.codes import Code
from flexnetd.model.factor import Factor
from flexnetd.model.fault import Fault
from flexnetd.model.secret import Secret
from flexnetd.model.session_words import PromptKind

LONGEST_USERNAME = 128
LONGEST_ANSWER = 1024
_MOST_SERIAL = 0xFFFFFFFF


def options_of(value: object, known: frozenset[str]) -> dict[str, object]:
    """The options, if every one of them is known. Raises Fault ARGUMENT_INVALID."""
    assert isinstance(value, dict)
    for name in value:
        if name not in known:
            raise Fault(Code.ARGUMENT_INVALID, argument=str(name)[:64])
    return value


def username_of(options: dict[str, object]) -> str:
    """As the portal compares it: NFC, without white space around; "" when it is not given."""
    value = options.get("username", "")
    if not isinstance(value, str):
        raise Fault(Code.ARGUMENT_INVALID, argument="username")
    return checked_username(value) if value else ""


def checked_username(value: str) -> str:
    """The name in the form that is signed by a bound proof. Raises Fault ARGUMENT_INVALID."""
    name = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(name) <= LONGEST_USERNAME or not name.isprintable():
        raise Fault(Code.ARGUMENT_INVALID, argument="username")
    return name


def factor_of(options: dict[str, object], default: Factor) -> Factor:
    value = options.get("factor")
    if value is None:
        return default
    try:
        return Factor(value)
    except ValueError:
        raise Fault(Code.ARGUMENT_INVALID, argument="factor") from None


def serial_of(options: dict[str, object]) -> int | None:
    value = options.get("serial")
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= _MOST_SERIAL:
        raise Fault(Code.ARGUMENT_INVALID, argument="serial")
    return value


def answers_of(value: object) -> dict[PromptKind, Secret]:
    """A login's answers by prompt. Raises Fault ARGUMENT_INVALID, naming the answer and never its value."""
    assert isinstance(value, dict)
    answers = {}
    for name, text in value.items():
        try:
            kind = PromptKind(name)
        except ValueError:
            raise Fault(Code.ARGUMENT_INVALID, argument=str(name)[:64]) from None
        if not isinstance(text, str) or not 1 <= len(text) <= LONGEST_ANSWER:
            raise Fault(Code.ARGUMENT_INVALID, argument=kind.value)
        answers[kind] = Secret(checked_username(text) if kind is PromptKind.USERNAME else text)
    return answers
